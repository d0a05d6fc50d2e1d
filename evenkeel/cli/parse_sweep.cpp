// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/threads.h"
#include "evenkeel/cli/parse_parts.h"

namespace evenkeel::cli {
namespace {

void add_what_varies(CLI::App* sweep, SweepArguments& a) {
  sweep
      ->add_option("--grid", a.grid,
                   "What is varied: KEY=A,B,C, or with --random also KEY=LOW..HIGH and "
                   "KEY=LOW..HIGH:log; once for each key")
      ->type_name("KEY=VALUES")
      ->allow_extra_args(false)
      ->required();
  sweep->add_option("--random", a.random, "Draw that many combinations; without it, all of them")
      ->check(positive())
      ->type_name("N");
  sweep->add_option("--seed", a.seed, "Seed of what is drawn")
      ->check(no_sign())
      ->type_name("N")
      ->capture_default_str();
  sweep->add_option("--seeds", a.seeds, "Runs of each combination, from the recipe's seed on")
      ->check(positive())
      ->type_name("N")
      ->capture_default_str();
  sweep->add_flag("--asha", a.asha,
                  "Give runs up early: of those judged after a few epochs, a third goes on");
  sweep->add_option("--rung", a.rung, "Epochs before --asha judges first, at least")
      ->check(positive())
      ->type_name("N")
      ->default_str("1");
  sweep->add_option("--by", a.metric, "What of the validation images counts: accuracy or loss")
      ->type_name("NAME")
      ->capture_default_str();
}

}  // namespace

void add_sweep(CLI::App& app, SweepArguments& a) {
  CLI::App* const sweep = app.add_subcommand(
      "sweep", "Train a recipe with other settings side by side, and say which were best");
  sweep->add_option("recipe", a.run.model, "Recipe's file, or a network's name")
      ->type_name("RECIPE|MODEL")
      ->required();
  add_sets(sweep, a.run.set);
  add_what_varies(sweep, a);
  sweep->add_option("--data", a.run.data, "Data set")->type_name("NAME")->default_str("mnist");
  add_data_dir(sweep, a.run.data_dir);
  sweep->add_option("--epochs", a.run.epochs, "Passes over the data of each run")
      ->check(positive())
      ->type_name("N")
      ->default_str("the recipe's");
  sweep->add_option("--out", a.out, "Folder, new or of this sweep: then it goes on there")
      ->type_name("DIR")
      ->default_str("runs/NNN-sweep-RECIPE");
  sweep->add_option("--jobs", a.jobs, "Runs side by side")
      ->check(between(1, 1024))
      ->type_name("N")
      ->default_str("the cores / --threads: " + std::to_string(default_threads()));
  sweep->add_option("--threads", a.threads, "Threads of each run")
      ->check(between(1, 1024))
      ->type_name("N")
      ->capture_default_str();
  sweep->add_flag("--json", a.json, "One JSON object a line");
  sweep->add_flag("--quiet", a.quiet, "Only warnings and the result");
}

// Not in --help: `sweep` starts it.
void add_sweep_run(CLI::App& app, SweepRunArguments& a) {
  CLI::App* const run = app.add_subcommand(kSweepRun, "One run of a sweep")->group("");
  run->add_option("--pause-after", a.pause_after)->check(positive());
  run->add_option("words", a.words)->required();
}

}  // namespace evenkeel::cli
