// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/train_settings.h"

#include <algorithm>
#include <filesystem>

#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/fields.h"
#include "evenkeel/recipe/notes.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

// The last of several counts.
class Settings {
 public:
  explicit Settings(std::vector<Setting> first) : settings_(std::move(first)) {}

  template <typename T>
  void add(const char* key, const std::optional<T>& given) {
    if (!given) return;
    std::string flag(key);
    const Recipe recipe;
    for_each_field(recipe, [&](const RecipeField& field, const auto&) {
      if (field.key == key) flag = field.flag;
    });
    settings_.push_back({key, value_of(*given), flag});
  }
  void add(Setting setting) { settings_.push_back(std::move(setting)); }
  std::vector<Setting> take() { return std::move(settings_); }

 private:
  // A seed of 64 bits is a text, as in a recipe.
  static SettingValue value_of(std::uint64_t number) { return std::to_string(number); }
  template <typename T>
  static SettingValue value_of(const T& value) {
    return value;
  }

  std::vector<Setting> settings_;
};

}  // namespace

bool names_recipe(const std::string& text) {
  const std::vector<std::string> networks = network_names();
  if (std::find(networks.begin(), networks.end(), text) != networks.end()) return false;
  return std::filesystem::path(text).extension() == ".toml" || std::filesystem::exists(text);
}

std::vector<Setting> settings_of(const TrainArguments& a) {
  const bool recipe = a.model && names_recipe(*a.model);
  Settings settings(recipe ? read_settings(*a.model) : std::vector<Setting>{});
  for (const std::string& text : a.set) settings.add(parse_set(text));
  if (!recipe) settings.add("model.name", a.model);
  settings.add("data.name", a.data);
  settings.add("data.skip_bad", a.skip_bad);
  settings.add("data.loaders", a.loaders);
  settings.add("train.epochs", a.epochs);
  settings.add("train.batch", a.batch);
  settings.add("train.lr", a.learning_rate);
  settings.add("train.seed", a.seed);
  settings.add("train.loss", a.loss);
  settings.add("train.statistics", a.statistics);
  settings.add("train.statistics_rule", a.statistics_rule);
  settings.add("train.init_from", a.init_from);
  settings.add("train.freeze", a.freeze);
  settings.add("train.precision", a.precision);
  settings.add("train.kernels", a.kernels);
  settings.add("train.isa", a.isa);
  settings.add("train.math", a.math);
  settings.add("optimizer.name", a.optimizer);
  settings.add("optimizer.momentum", a.momentum);
  settings.add("optimizer.nesterov", a.nesterov);
  settings.add("optimizer.weight_decay", a.weight_decay);
  settings.add("optimizer.clip_norm", a.clip_norm);
  settings.add("optimizer.adam_form", a.adam_form);
  settings.add("schedule.name", a.schedule);
  settings.add("schedule.every", a.schedule_every);
  settings.add("schedule.factor", a.schedule_factor);
  settings.add("schedule.warm_up", a.warm_up);
  settings.add("run.log_every", a.log_every);
  settings.add("run.eval_every", a.eval_every);
  settings.add("run.save_every", a.save_every);
  settings.add("run.keep", a.keep);
  return settings.take();
}

Recipe resolve(const TrainArguments& arguments, const Notes& before,
               const std::vector<Setting>& reporting) {
  const std::vector<Setting> typed = settings_of(arguments);
  std::vector<Setting> settings = reporting;
  settings.insert(settings.end(), typed.begin(), typed.end());
  Recipe recipe =
      before.empty() ? make_recipe(settings) : resumed_with(from_notes(before), settings, &before);
  recipe.statistics = statistics_text(statistics_of(recipe));
  return recipe;
}

std::string statistics_phrase(const Statistics& statistics) {
  const auto* recalibrated = std::get_if<Recalibrated>(&statistics);
  if (recalibrated == nullptr) return "moving statistics";
  return "statistics recalibrated over " + with_thousands(recalibrated->images) + " images";
}

}  // namespace evenkeel::cli
