// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"

namespace evenkeel::cli {

void add_runs(CLI::App& app, RunsArguments& a) {
  CLI::App* const runs = app.add_subcommand("runs", "List the runs of a folder, the newest first");
  runs->add_option("folder", a.folder, "Folder of runs, or one run's")
      ->type_name("FOLDER")
      ->default_str("runs");
  runs->add_option("--filter", a.filter,
                   "Only runs with KEY=VALUE, !=, <, <=, > or >=, as validation>0.99 or "
                   "model=mnist*; any number of times. Keys: name, state, model, data, epoch, "
                   "epochs, step, validation, test, lr, batch, optimizer, started, settings")
      ->type_name("CONDITION")
      ->allow_extra_args(false);
  runs->add_option("--sort", a.sort, "By such a key: the largest number first, texts by alphabet")
      ->type_name("KEY")
      ->default_str("started");
  runs->add_flag("--json", a.json, "One JSON object a line");
  CLI::App* const compare =
      runs->add_subcommand("compare", "Settings that differ, and results, side by side");
  compare->add_option("runs", a.compare, "Folders of runs, names below runs/, or numbers")
      ->type_name("RUN")
      ->expected(2, 1000)
      ->required();
  compare->add_flag("--json", a.json, "One JSON object");
}

}  // namespace evenkeel::cli
