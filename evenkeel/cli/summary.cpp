// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/report/json.h"
#include "evenkeel/report/model_summary.h"
#include "evenkeel/report/plan_table.h"
#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel::cli {
namespace {

struct Subject {
  Model model;
  RunSettings settings;
};

// A network's name, else a path, of a recipe or a checkpoint: what looks like one is never taken
// for a misspelt name.
Subject subject_of(const std::string& text) {
  const auto names = network_names();
  if (std::find(names.begin(), names.end(), text) != names.end()) return {network(text), {}};
  const std::filesystem::path path = text;
  if (path.extension() == ".toml") {
    const Recipe recipe = make_recipe(read_settings(path));
    RunSettings settings;
    settings.loss = loss_of(recipe);
    settings.optimizer = optimizer_of(recipe);
    return {model_of(recipe), settings};
  }
  if (!std::filesystem::exists(path) && path.extension() != ".safetensors" &&
      !path.has_parent_path())
    return {network(text), {}};  // throws, with the nearest name
  const FoundCheckpoint found = open_checkpoint(path, notice);
  notice(found.path.string() + ": step " + std::to_string(found.checkpoint.step));
  return {found.checkpoint.model(found.path), found.checkpoint.settings};
}

void print(const Plan& plan, const std::string& title, bool json) {
  if (json)
    std::cout << to_json(plan) << "\n";
  else
    std::cout << "\n" << to_text(plan, title);
}

void print_plans(const Subject& subject, const SummaryArguments& arguments,
                 const CompileOptions& options) {
  const RunSettings& settings = subject.settings;
  const auto add_step = [&](const Graph& network) {
    return add_training_step(network, settings.loss, settings.optimizer);
  };
  print(*compile_training_step(subject.model.graph(), add_step, options), "Training",
        arguments.json);
  print(*compile_inference(add_evaluation(subject.model.graph(), settings.loss), options),
        "Inference", arguments.json);
}

}  // namespace

int run(const SummaryArguments& arguments) {
  // Before anything is printed, because it may refuse a name.
  CompileOptions options{arguments.batch, machine_of(arguments.threads, arguments.kernels),
                         pass_options(arguments.math)};
  options.passes.weights = weights_of(arguments.weights);
  const Subject subject = subject_of(arguments.subject);
  const ModelSummary summary = summarise(subject.model, decays_of(subject.settings.optimizer));
  std::cout << (arguments.json ? to_json(summary) + "\n" : to_text(summary));
  if (arguments.plan) print_plans(subject, arguments, options);
  return kDone;
}

}  // namespace evenkeel::cli
