// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/build.h"

namespace evenkeel::cli {

void add_lr_find(CLI::App& app, LrFindArguments& a) {
  CLI::App* const find =
      app.add_subcommand("lr-find", "Try growing learning rates for some steps, and suggest one");
  find->add_option("model", a.run.model, "Network, or a recipe's file: " + list_of(network_names()))
      ->type_name("MODEL|RECIPE")
      ->default_str("mnist-cnn");
  add_sets(find, a.run.set);
  find->add_option("--data", a.run.data, "Data set")->type_name("NAME")->default_str("mnist");
  add_data_dir(find, a.run.data_dir);
  find->add_option("--batch", a.run.batch, "Images in a batch")
      ->check(positive())
      ->type_name("N")
      ->default_str("128");
  find->add_option("--optimizer", a.run.optimizer, list_of(optimizer_names()))
      ->type_name("NAME")
      ->default_str("adam");
  find->add_option("--momentum", a.run.momentum, "Momentum of sgd, rmsprop or muon")
      ->type_name("X")
      ->default_str("0");
  find->add_option("--seed", a.run.seed, "Seed of weights and order")
      ->check(no_sign())
      ->type_name("N")
      ->default_str("1");
  find->add_option("--from", a.from, "Smallest learning rate, of the first step")
      ->type_name("X")
      ->default_str("1e-7");
  find->add_option("--to", a.to, "Largest, of the last step")->type_name("X")->default_str("10");
  find->add_option("--steps", a.steps, "Steps, each with a rate larger by one factor")
      ->check(between(2, 100'000))
      ->type_name("N")
      ->capture_default_str();
  add_machine(find, a.run.threads, a.run.kernels, a.isa, a.run.math);
  find->add_option("--out", a.out, "Picture to write, .html or .svg")
      ->type_name("FILE")
      ->default_str("lr-find.html");
  find->add_flag("--json", a.json, "One JSON object");
}

}  // namespace evenkeel::cli
