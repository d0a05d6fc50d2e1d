// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"

namespace evenkeel::cli {

void add_sets(CLI::App* command, std::vector<std::string>& sets) {
  command
      ->add_option("--set", sets,
                   "A recipe's key with another value, as train.lr=0.01; any number of times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_recipe(CLI::App& app, RecipeArguments& a) {
  CLI::App* const recipe = app.add_subcommand("recipe", "Recipes of runs: check, show, schema");
  recipe->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, RecipeArguments::Action action) {
    CLI::App* const command = recipe->add_subcommand(name, text);
    command->callback([&a, action] { a.action = action; });
    return command;
  };
  const auto add_subject = [&](CLI::App* command) {
    command->add_option("recipe", a.subject, "Recipe's file, a run's folder or a network's name")
        ->type_name("RECIPE|RUN|MODEL")
        ->required();
    add_sets(command, a.set);
  };
  CLI::App* const check = add("check", "Say what is wrong with it, and build its network",
                              RecipeArguments::Action::check);
  add_subject(check);
  check->add_flag("--json", a.json, "One JSON object");
  add_subject(add("show", "Every key with the value that it has", RecipeArguments::Action::show));
  CLI::App* const schema =
      add("schema", "All keys with their defaults", RecipeArguments::Action::schema);
  schema->add_flag("--json", a.json, "As JSON Schema");
  schema->add_flag("--markdown", a.markdown, "As the page of the documentation");
}

}  // namespace evenkeel::cli
