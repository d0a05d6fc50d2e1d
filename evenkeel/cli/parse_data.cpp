// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"

namespace evenkeel::cli {

void add_data(CLI::App& app, DataArguments& a) {
  CLI::App* const data = app.add_subcommand("data", "Data sets: list, fetch, verify");
  data->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, DataArguments::Action action) {
    CLI::App* const command = data->add_subcommand(name, text);
    command->callback([&a, action] { a.action = action; });
    add_data_dir(command, a.data_dir);
    command->add_flag("--json", a.json, "One JSON object a line");
    return command;
  };
  add("list", "Data sets known, and where they are", DataArguments::Action::list);
  add("fetch", "Download a set where it is nowhere yet, or say where to get it",
      DataArguments::Action::fetch)
      ->add_option("name", a.name, "Data set")
      ->type_name("NAME")
      ->default_str("mnist");
  CLI::App* const verify =
      add("verify",
          "What is wrong with a set before training finds it: files that are damaged or of another "
          "size, empty classes, images twice or in two parts",
          DataArguments::Action::verify);
  verify->add_option("name", a.name, "Data set, folder of class folders, or .npz file")
      ->type_name("NAME|PATH")
      ->default_str("all known sets that are here");
  verify->add_flag("--skip-bad", a.skip_bad,
                   "Images that cannot be read or are of another size are no fault: training will "
                   "leave them out too");
}

}  // namespace evenkeel::cli
