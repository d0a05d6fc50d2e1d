// SPDX-License-Identifier: Apache-2.0
// The plan of a sweep: which runs there are. Every run is a recipe, and so a function of this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/recipe/recipe.h"
#include "evenkeel/study/sweep/space.h"

namespace evenkeel::sweep {

// asha: asynchronous successive halving (Li et al. 2020, arXiv 1810.05934); asha.h decides.
enum class Strategy { grid, random, asha };
// What a run is judged by, of the validation images.
enum class Metric { accuracy, loss };

inline constexpr int kReduction = 3;  // of the runs of a rung, one goes on

struct Plan {
  std::string name;               // of the recipe: "mnist-cnn"
  std::string command = {};       // that trains it, to which --set is added: "evenkeel train ..."
  std::vector<Setting> settings;  // the recipe's, and then those of --set
  std::vector<Parameter> parameters;
  Strategy strategy = Strategy::grid;
  std::int64_t draws = 0;       // of random, or asha; 0: the grid
  std::uint64_t seed = 1;       // of what is drawn
  std::int64_t seeds = 1;       // runs of each combination, from the recipe's seed on
  std::int64_t first_rung = 1;  // epochs, of asha
  Metric metric = Metric::accuracy;
};

// One run.
struct Trial {
  std::string name;  // of its folder: "007-lr-0.01-batch-64-seed-2"
  std::size_t combination = 0;
  Values values;
  Recipe recipe;  // with asha: as far as the last rung
};

// All of them in the order in which they begin: first one seed of everything, then the next.
// InvalidArgument for a key or value that no recipe has, for a recipe that cannot be judged (no
// look at validation images), and for a plan that makes no sense.
std::vector<Trial> trials_of(const Plan& plan);

// The recipe that all runs share but for their parameters.
Recipe base_recipe(const Plan& plan);
// Epochs at which asha judges, the last one the recipe's: 10 from 1 on is 1, 3, 10.
std::vector<std::int64_t> rungs_of(const Plan& plan);
// What must be equal for a sweep to go on where it was; `jobs` and the like are not in it.
std::string to_json(const Plan& plan);

// The key's last part, with the one before where two have the same: "lr", "optimizer-name".
std::vector<std::string> short_names(const std::vector<Parameter>& parameters);

// "grid", "random", "asha"; "accuracy", "loss".
std::string_view to_string(Strategy strategy);
std::string_view to_string(Metric metric);

}  // namespace evenkeel::sweep
