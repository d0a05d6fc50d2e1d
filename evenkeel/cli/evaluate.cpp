// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/load_trainer.h"
#include "evenkeel/cli/train_settings.h"
#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel::cli {
namespace {

std::string top_k_text(std::int64_t k, const Evaluation& evaluation) {
  return k == 0 ? "" : fmt::format(", top-{} accuracy = {:.4f}", k, evaluation.top_k_accuracy);
}

}  // namespace

int run(const EvaluateArguments& arguments) {
  Splits{}.named(arguments.split);  // refuses an unknown one before anything is read
  const Weights weights = weights_of(arguments.weights);
  const FoundCheckpoint found = open_checkpoint(arguments.checkpoint, notice);
  const std::string data = data_name_of(arguments.data, found);
  const Splits splits =
      load_data_of_run(found.checkpoint.notes, data, arguments.data_dir, arguments.skip_bad);
  Trainer trainer = load_trainer(found, arguments.threads, arguments.kernels, arguments.math);
  const Evaluation evaluation = trainer.evaluate(splits.named(arguments.split),
                                                 {.top_k = arguments.top_k, .weights = weights});
  const Statistics statistics = statistics_of(found.checkpoint);
  if (arguments.json) {
    nlohmann::ordered_json json{
        {"event", "evaluation"},         {"checkpoint", found.path.string()},
        {"step", found.checkpoint.step}, {"data", data},
        {"split", arguments.split},      {"images", evaluation.images},
        {"loss", evaluation.loss},       {"accuracy", evaluation.accuracy},
        {"correct", evaluation.correct}, {"statistics", statistics_text(statistics)}};
    if (arguments.top_k > 0)
      json["top_" + std::to_string(arguments.top_k) + "_accuracy"] = evaluation.top_k_accuracy;
    if (arguments.weights) json["weights"] = *arguments.weights;
    std::cout << json.dump() << "\n";
    return kDone;
  }
  std::cout << fmt::format("{} {}: loss = {:.6f}, accuracy = {:.4f}{} ({} of {} images, {})\n",
                           data, arguments.split, evaluation.loss, evaluation.accuracy,
                           top_k_text(arguments.top_k, evaluation), evaluation.correct,
                           evaluation.images, statistics_phrase(statistics));
  return kDone;
}

}  // namespace evenkeel::cli
