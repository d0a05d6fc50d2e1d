// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/recipe/build.h"

namespace evenkeel::sweep {
namespace {

constexpr const char* kEpochs = "train.epochs";
constexpr const char* kSeed = "train.seed";

bool varies(const Plan& plan, const char* key) {
  return std::any_of(plan.parameters.begin(), plan.parameters.end(),
                     [&](const Parameter& each) { return each.key == key; });
}

// A run needs its last and its best checkpoint; many runs of five each fill a disk.
std::vector<Setting> settings_of(const Plan& plan) {
  std::vector<Setting> settings = {{"run.keep", std::int64_t{1}, "sweep"}};
  settings.insert(settings.end(), plan.settings.begin(), plan.settings.end());
  return settings;
}

void require_sense(const Plan& plan) {
  if (plan.parameters.empty())
    throw InvalidArgument("--grid", "expected what is to be varied, as train.lr=0.001,0.01");
  if (plan.seeds < 1)
    throw InvalidArgument("--seeds", fmt::format("expected at least 1, got {}", plan.seeds));
  if (plan.seeds > 1 && varies(plan, kSeed))
    throw InvalidArgument("--seeds", "expected either seeds or train.seed among the parameters");
  if (plan.strategy != Strategy::asha) return;
  if (plan.seeds > 1)
    throw InvalidArgument("--seeds", "expected one seed with --asha, which judges runs one by one");
  if (varies(plan, kEpochs))
    throw InvalidArgument("--grid train.epochs",
                          "expected none with --asha, which sets the epochs");
  if (plan.first_rung < 1)
    throw InvalidArgument("--rung", fmt::format("expected at least 1, got {}", plan.first_rung));
}

// A recipe that never looks at the validation images is looked at after each epoch all the same.
void require_judged(Recipe& recipe) {
  if (recipe.eval_every == 0) recipe.eval_every = 1;
  if (recipe.eval_every > recipe.epochs)
    throw InvalidArgument("run.eval_every",
                          fmt::format("expected a look at the validation images within the {} "
                                      "epochs of a run, by which it is judged, got {}",
                                      recipe.epochs, recipe.eval_every));
}

// What a folder's name can hold anywhere.
std::string file_name(const std::string& text) {
  constexpr std::size_t kMost = 24;
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '+' || c == '_' || c == '-';
    if (plain) name += c;
  }
  return name.substr(0, kMost);
}

std::string name_of(const Plan& plan, std::size_t number, const Values& values, std::int64_t seed) {
  constexpr std::size_t kMost = 120;
  const auto names = short_names(plan.parameters);
  std::string name;
  for (std::size_t i = 0; i < values.size(); ++i)
    name += "-" + file_name(names[i]) + "-" + file_name(values[i]);
  name = fmt::format("{:03}", number) + name.substr(0, kMost);
  return plan.seeds > 1 ? name + "-seed-" + std::to_string(seed) : name;
}

std::vector<Setting> settings_with(const Plan& plan, const Values& values) {
  std::vector<Setting> settings = settings_of(plan);
  for (std::size_t i = 0; i < values.size(); ++i) {
    Setting setting = parse_set(plan.parameters[i].key + "=" + values[i]);
    setting.place = "--grid " + plan.parameters[i].key;
    settings.push_back(std::move(setting));
  }
  return settings;
}

std::vector<Values> combinations_of(const Plan& plan) {
  if (plan.draws > 0) return draw(plan.parameters, plan.draws, plan.seed);
  return grid(plan.parameters);
}

}  // namespace

std::vector<Trial> trials_of(const Plan& plan) {
  require_sense(plan);
  const auto combinations = combinations_of(plan);
  if (std::ssize(combinations) * plan.seeds > kMostTrials)
    throw InvalidArgument("--seeds", fmt::format("expected at most {} runs in all, got {} x {}",
                                                 kMostTrials, combinations.size(), plan.seeds));
  std::vector<Trial> trials;
  for (std::int64_t seed = 0; seed < plan.seeds; ++seed)
    for (std::size_t i = 0; i < combinations.size(); ++i) {
      const auto settings = settings_with(plan, combinations[i]);
      Trial trial;
      trial.combination = i;
      trial.values = combinations[i];
      trial.recipe = make_recipe(settings);
      trial.recipe.seed += static_cast<std::uint64_t>(seed);
      trial.recipe.statistics = statistics_text(statistics_of(trial.recipe));  // as a run has it
      check(trial.recipe, settings);
      require_judged(trial.recipe);
      trial.name = name_of(plan, trials.size() + 1, trial.values,
                           static_cast<std::int64_t>(trial.recipe.seed));
      trials.push_back(std::move(trial));
    }
  return trials;
}

Recipe base_recipe(const Plan& plan) { return make_recipe(settings_of(plan)); }

std::vector<std::int64_t> rungs_of(const Plan& plan) {
  std::vector<std::int64_t> rungs;
  for (std::int64_t epochs = base_recipe(plan).epochs; epochs >= plan.first_rung;
       epochs /= kReduction)
    rungs.insert(rungs.begin(), epochs);
  if (rungs.empty())
    throw InvalidArgument("--rung", fmt::format("expected at most the {} epochs of the recipe, "
                                                "got {}",
                                                base_recipe(plan).epochs, plan.first_rung));
  return rungs;
}

std::string to_json(const Plan& plan) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  json["recipe"] = to_toml(base_recipe(plan));
  for (const Parameter& parameter : plan.parameters)
    json["parameters"].push_back(to_string(parameter));
  json["strategy"] = to_string(plan.strategy);
  json["draws"] = plan.draws;
  json["seed"] = plan.seed;
  json["seeds"] = plan.seeds;
  if (plan.strategy == Strategy::asha) {
    json["rungs"] = rungs_of(plan);
    json["reduction"] = kReduction;
  }
  json["metric"] = to_string(plan.metric);
  return json_text(std::move(json));
}

std::vector<std::string> short_names(const std::vector<Parameter>& parameters) {
  const auto last_part = [](const std::string& key) { return key.substr(key.rfind('.') + 1); };
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters) {
    const auto same = std::count_if(
        parameters.begin(), parameters.end(),
        [&](const Parameter& each) { return last_part(each.key) == last_part(parameter.key); });
    std::string name = same > 1 ? parameter.key : last_part(parameter.key);
    std::replace(name.begin(), name.end(), '.', '-');
    names.push_back(std::move(name));
  }
  return names;
}

std::string_view to_string(Strategy strategy) {
  switch (strategy) {
    case Strategy::grid:
      return "grid";
    case Strategy::random:
      return "random";
    case Strategy::asha:
      return "asha";
  }
  return "";
}

std::string_view to_string(Metric metric) {
  return metric == Metric::accuracy ? "accuracy" : "loss";
}

}  // namespace evenkeel::sweep
