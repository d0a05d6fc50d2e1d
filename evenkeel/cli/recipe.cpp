// SPDX-License-Identifier: Apache-2.0
// evenkeel recipe check|show|schema
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/train_settings.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/notes.h"
#include "evenkeel/recipe/recipe_file.h"
#include "evenkeel/recipe/schema.h"
#include "evenkeel/report/model_summary.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;

// A recipe, and where its settings stand.
struct Described {
  Recipe recipe;
  std::vector<Setting> settings;
};

// A run of an older version has no recipe, but its notes.
Described described_by_folder(const fs::path& folder, const std::vector<Setting>& sets) {
  if (!fs::exists(recipe_path(folder))) {
    const Notes notes = read_run_notes(folder);
    if (notes.empty())
      throw DataError(folder.string(), "expected a run's folder, it has no recipe.toml");
    return {resumed_with(from_notes(notes), sets), sets};
  }
  std::vector<Setting> settings = read_settings(recipe_path(folder));
  settings.insert(settings.end(), sets.begin(), sets.end());
  return {make_recipe(settings), settings};
}

// Of a file, a run's folder, or a network's name.
Described described_by(const RecipeArguments& arguments) {
  TrainArguments typed;
  typed.model = arguments.subject;
  typed.set = arguments.set;
  if (!fs::is_directory(arguments.subject)) return {resolve(typed, {}), settings_of(typed)};
  typed.model.reset();
  return described_by_folder(arguments.subject, settings_of(typed));
}

int check(const RecipeArguments& arguments) {
  const auto [recipe, settings] = described_by(arguments);
  check_data_name(recipe, settings);
  const Model model = model_of(recipe);
  const std::int64_t parameters = summarise(model).total.trainable;
  if (arguments.json)
    std::cout << nlohmann::ordered_json{{"good", true},
                                        {"model", model.name()},
                                        {"parameters", parameters}}
                     .dump()
              << "\n";
  else
    std::cout << arguments.subject << ": good; " << model.name() << " with "
              << with_thousands(parameters) << " trained parameters\n";
  return kDone;
}

int show_schema(const RecipeArguments& arguments) {
  if (arguments.markdown)
    std::cout << schema_markdown();
  else
    std::cout << (arguments.json ? schema_json() : schema_toml());
  return kDone;
}

}  // namespace

int run(const RecipeArguments& arguments) {
  using Action = RecipeArguments::Action;
  if (arguments.action == Action::schema) return show_schema(arguments);
  if (arguments.action == Action::check) return check(arguments);
  std::cout << to_toml(described_by(arguments).recipe);
  return kDone;
}

}  // namespace evenkeel::cli
