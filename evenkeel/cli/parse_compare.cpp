// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/build.h"

namespace evenkeel::cli {

void add_compare(CLI::App& app, CompareArguments& a) {
  CLI::App* const compare =
      app.add_subcommand("compare", "Train with and without batch norm, and show the difference");
  compare->add_option("model", a.model, "Network: " + list_of(network_names()))
      ->type_name("MODEL")
      ->default_str("mnist-cnn");
  compare
      ->add_option("--preset", a.preset,
                   "Ready comparison: ioffe2015, ioffe2015-lr, placement, statistics")
      ->type_name("NAME");
  compare
      ->add_option("--norm", a.norm,
                   "Norms, with commas between: none, batch, ghost:N (over N images), layer, "
                   "group:N (N groups), never-updated, divide-by-variance")
      ->type_name("LIST")
      ->default_str("none,batch");
  compare
      ->add_option("--place", a.place,
                   "Places: as-written, before (each activation), after (it and its pooling)")
      ->type_name("LIST")
      ->default_str("as-written");
  const auto text = [&](const char* flag, std::optional<std::string>& value, const char* what,
                        const char* type, const char* otherwise) {
    compare->add_option(flag, value, what)->type_name(type)->default_str(otherwise);
  };
  const auto number = [&](const char* flag, std::optional<std::int64_t>& value, const char* what,
                          const char* otherwise) {
    compare->add_option(flag, value, what)
        ->check(positive())
        ->type_name("N")
        ->default_str(otherwise);
  };
  text("--lr", a.learning_rate, "Learning rates, with commas between", "LIST", "the optimiser's");
  const std::string optimizers = list_of(optimizer_names());
  text("--optimizer", a.optimizer, optimizers.c_str(), "NAME", "adam");
  compare->add_option("--momentum", a.momentum, "Momentum of sgd, rmsprop or muon")
      ->type_name("X")
      ->default_str("0; 0.95 for muon");
  compare->add_option("--epsilon", a.epsilon, "Epsilon of all norms")
      ->type_name("X")
      ->default_str("each norm's own");
  number("--seeds", a.seeds, "Seeds, from 1 on", "3");
  number("--epochs", a.epochs, "Passes over the data", "1");
  number("--steps", a.steps, "Steps of each run, in place of --epochs", "");
  number("--batch", a.batch, "Images in a batch", "128");
  text("--data", a.data, "Data set, folder of class folders, or .npz file", "NAME|PATH", "mnist");
  add_data_dir(compare, a.data_dir);
  compare->add_option("--out", a.out, "Folder, new or of this comparison: then it goes on there")
      ->type_name("DIR")
      ->default_str("runs/NNN-compare-MODEL");
  compare->add_option("--jobs", a.jobs, "Runs side by side; they share the threads")
      ->check(between(1, 1024))
      ->type_name("N")
      ->capture_default_str();
  add_machine(compare, a.threads, a.kernels, a.isa, a.math);
  compare->add_flag("--json", a.json, "One JSON object a line");
  compare->add_flag("--quiet", a.quiet, "Only warnings and the result");
}

// Not in --help: `compare` starts it.
void add_compare_run(CLI::App& app, CompareRunArguments& a) {
  CLI::App* const run = app.add_subcommand("compare-run", "One run of a comparison")->group("");
  run->add_option("folder", a.folder)->required();
  run->add_option("run", a.run)->required();
  add_data_dir(run, a.data_dir);
}

}  // namespace evenkeel::cli
