// SPDX-License-Identifier: Apache-2.0
// A run as data: network, data, training, all of it with defaults. recipe/fields.h names each of
// them in TOML and says what it is.
//   const Recipe recipe = read_recipe("recipes/mnist-cnn.toml", {});
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/recipe/setting.h"

namespace evenkeel {

struct Recipe {
  // [model]
  std::string model = "mnist-cnn";        // a network by name, or what `layers` are to be called
  std::vector<SettingTable> layers = {};  // one after the other, in the place of a network by name
  double width = 1;
  std::int64_t depth = 0;
  bool batch_norm = true;
  // [data]
  std::optional<std::string> data = {};  // empty: mnist, or what stands in for it
  bool data_fallback = false;            // fashion-mnist stands in, because mnist was nowhere
  std::optional<double> validation = {};
  std::optional<double> test = {};
  std::uint64_t split_seed = 1;
  bool stratified = true;
  bool skip_bad = false;
  bool normalise = false;
  std::optional<std::int64_t> loaders = {};  // of no influence on bytes, and in no notes
  // [augment]
  bool flip = false;
  double rotate = 0;
  std::int64_t shift = 0;
  std::int64_t crop = 0;
  std::int64_t cutout = 0;
  // [train]
  std::int64_t epochs = 10;
  std::int64_t batch = 128;
  double learning_rate = 1e-3;
  std::string loss = "softmax_cross_entropy";
  double label_smoothing = 0;
  std::vector<double> class_weights = {};
  std::int64_t accumulate = 1;
  std::string accumulate_batch_norm = "per_micro_batch";
  std::string average = "none";
  double average_keep = 0.999;
  std::int64_t average_start = 0;
  std::int64_t average_every = 1;
  std::string statistics_rule = "count-weighted";
  std::string statistics = "moving";  // or "recalibrated:8192"
  std::uint64_t seed = 1;
  std::string init_from = {};
  std::vector<std::string> freeze = {};
  std::string precision = "f32";
  std::string kernels = "auto";
  std::string isa = "auto";
  std::string math = "fast";
  // [optimizer]
  std::string optimizer = "adam";
  std::string adam_form = "tensorflow";
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;
  double clip_norm = 0;
  // [schedule]
  std::string schedule = "constant";
  std::int64_t schedule_every = 0;  // steps
  double schedule_factor = 0.1;
  std::int64_t warm_up = 0;             // steps
  std::int64_t schedule_patience = 10;  // epochs
  std::int64_t schedule_cooldown = 0;   // epochs
  // [stop]
  std::int64_t stop_patience = 0;  // epochs
  double stop_min_delta = 0;
  std::string stop_metric = "accuracy";
  // [run], of reports and checkpoints alone
  std::int64_t log_every = 100;
  std::int64_t eval_every = 1;
  std::int64_t metrics_every = 10;
  std::string save_every = "0";
  std::int64_t keep = 5;

  friend bool operator==(const Recipe&, const Recipe&) = default;
};

// The defaults of a run with this network and this optimiser: mnist-99 has settings of its own, and
// each optimiser its rate and decay. Empty names: those of Recipe.
EVENKEEL_API Recipe default_recipe(const std::string& model, const std::string& optimizer);

// The defaults with `settings` in their place, the later ones of one key over the earlier ones.
// InvalidArgument with the setting's place and the nearest name for a key that there is not, and
// for a value of another type or out of its range.
EVENKEEL_API Recipe make_recipe(const std::vector<Setting>& settings);
// The same into a recipe that is there, without looking at defaults.
EVENKEEL_API void assign(Recipe& recipe, const Setting& setting);
// InvalidArgument for values that make no sense beside each other; `settings` say where they stand.
EVENKEEL_API void check(const Recipe& recipe, const std::vector<Setting>& settings = {});
// The same for a data set that is neither known by name nor at a path: of a recipe about to be
// used, since the images of a run that is over may be gone.
EVENKEEL_API void check_data_name(const Recipe& recipe, const std::vector<Setting>& settings = {});
// The same for class weights that are not one a class; `names` of the classes, where they have any.
EVENKEEL_API void check_class_weights(const Recipe& recipe, std::int64_t classes,
                                      const std::vector<std::string>& names,
                                      const std::vector<Setting>& settings = {});

// The settings of a TOML file, in its order. InvalidArgument with line and column where it is no
// TOML, or has what no recipe has.
EVENKEEL_API std::vector<Setting> read_settings(const std::filesystem::path& path);
EVENKEEL_API std::vector<Setting> parse_settings(std::string_view text, const std::string& name);
// Of "train.lr=0.01": the value is TOML, or a text without quotes.
EVENKEEL_API Setting parse_set(const std::string& text);

// Every setting, as a file that reads back to the same recipe.
EVENKEEL_API std::string to_toml(const Recipe& recipe);

}  // namespace evenkeel
