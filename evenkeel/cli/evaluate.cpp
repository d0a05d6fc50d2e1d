// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel::cli {
namespace {

std::string data_of(const EvaluateArguments& arguments, const FoundCheckpoint& found) {
  if (arguments.data) return *arguments.data;
  const auto note = found.checkpoint.notes.find("data");
  if (note != found.checkpoint.notes.end()) return note->second;
  throw InvalidArgument("--data", "expected the name of a data set: " + found.path.string() +
                                      " does not say what it was trained on");
}

Trainer load(const FoundCheckpoint& found, const EvaluateArguments& arguments) {
  const RunSettings& settings = found.checkpoint.settings;
  TrainerOptions options;
  options.threads = machine_of(arguments.threads, arguments.kernels).threads;
  options.precision = settings.precision == "f64" ? Precision::f64 : Precision::f32;
  options.kernels = arguments.kernels.value_or(settings.kernels);
  options.dump_directory = pass_options().dump_directory;
  Trainer trainer(found.checkpoint.model(found.path), settings.loss, settings.optimizer, options);
  trainer.restore(found.path);
  return trainer;
}

std::string top_k_text(std::int64_t k, const Evaluation& evaluation) {
  return k == 0 ? "" : fmt::format(", top-{} accuracy = {:.4f}", k, evaluation.top_k_accuracy);
}

}  // namespace

int run(const EvaluateArguments& arguments) {
  Splits{}.named(arguments.split);  // refuses an unknown one before anything is read
  const FoundCheckpoint found = open_checkpoint(arguments.checkpoint, notice);
  const std::string data = data_of(arguments, found);
  const Splits splits = load_data(data, arguments.data_dir);
  Trainer trainer = load(found, arguments);
  const Evaluation evaluation =
      trainer.evaluate(splits.named(arguments.split), {.top_k = arguments.top_k});
  if (arguments.json) {
    nlohmann::ordered_json json{
        {"event", "evaluation"},         {"checkpoint", found.path.string()},
        {"step", found.checkpoint.step}, {"data", data},
        {"split", arguments.split},      {"images", evaluation.images},
        {"loss", evaluation.loss},       {"accuracy", evaluation.accuracy},
        {"correct", evaluation.correct}};
    if (arguments.top_k > 0)
      json["top_" + std::to_string(arguments.top_k) + "_accuracy"] = evaluation.top_k_accuracy;
    std::cout << json.dump() << "\n";
    return kDone;
  }
  std::cout << fmt::format(
      "{} {}: loss = {:.6f}, accuracy = {:.4f}{} ({} of {} images, moving statistics)\n", data,
      arguments.split, evaluation.loss, evaluation.accuracy,
      top_k_text(arguments.top_k, evaluation), evaluation.correct, evaluation.images);
  return kDone;
}

}  // namespace evenkeel::cli
