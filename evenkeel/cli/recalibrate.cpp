// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/load_trainer.h"
#include "evenkeel/report/tables.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// "step-00000858-recalibrated.safetensors", beside the checkpoint.
fs::path output_of(const RecalibrateArguments& arguments, const fs::path& checkpoint) {
  fs::path out = arguments.out;
  if (out.empty())
    out = checkpoint.parent_path() / (checkpoint.stem().string() + "-recalibrated.safetensors");
  if (fs::exists(out))
    throw InvalidArgument("--out", "expected the name of a new file, " + out.string() +
                                       " is there; remove it, or choose another with --out");
  return out;
}

// The batch that the run was trained with, where it says so.
std::int64_t batch_of(const RecalibrateArguments& arguments, const FoundCheckpoint& found) {
  if (arguments.batch) return *arguments.batch;
  const auto note = found.checkpoint.notes.find("batch");
  if (note == found.checkpoint.notes.end()) return 128;
  return std::atoll(note->second.c_str());
}

struct Result {
  fs::path checkpoint;
  fs::path out;
  std::string data;
  std::optional<Evaluation> before;  // empty: with statistics that were never updated
  Evaluation after;
  Recalibration recalibration;
};

std::optional<Evaluation> evaluation_before(Trainer& trainer, const Dataset& data) {
  try {
    return trainer.evaluate(data);
  } catch (const UntrainedStatistics&) {
    return std::nullopt;
  }
}

Json to_json(const Evaluation& evaluation) {
  return {
      {"loss", evaluation.loss}, {"accuracy", evaluation.accuracy}, {"images", evaluation.images}};
}

void print_json(const Result& result) {
  for (const RecalibratedLayer& layer : result.recalibration.layers) {
    const StatisticsShift shift = shift_of(layer);
    std::cout << Json{{"event", "layer"},
                      {"layer", layer.layer},
                      {"channels", layer.mean.size()},
                      {"values_per_channel", layer.count},
                      {"median_mean_shift", shift.median_mean},
                      {"largest_mean_shift", shift.largest_mean},
                      {"median_deviation_ratio", shift.median_deviation},
                      {"largest_deviation_ratio", shift.largest_deviation}}
                     .dump()
              << "\n";
  }
  std::cout << Json{{"event", "recalibrated"},
                    {"checkpoint", result.checkpoint.string()},
                    {"out", result.out.string()},
                    {"data", result.data},
                    {"images", result.recalibration.images},
                    {"batch_size", result.recalibration.batch_size},
                    {"split", "validation"},
                    {"before", result.before ? to_json(*result.before) : Json(nullptr)},
                    {"after", to_json(result.after)}}
                   .dump()
            << "\n";
}

std::string line_of(const Evaluation& evaluation) {
  return fmt::format("loss = {:.6f}, accuracy = {:.4f} ({} of {} images)", evaluation.loss,
                     evaluation.accuracy, evaluation.correct, evaluation.images);
}

void print_text(const Result& result) {
  std::cout << fmt::format("{}: statistics over {} training images of {}, in batches of {}\n\n",
                           result.checkpoint.string(), with_thousands(result.recalibration.images),
                           result.data, result.recalibration.batch_size);
  using Align = TextTable::Align;
  TextTable table({{"layer", Align::left},
                   {"channels"},
                   {"mean moved by"},
                   {"at most"},
                   {"deviation changed"},
                   {"at most"}});
  for (const RecalibratedLayer& layer : result.recalibration.layers) {
    const StatisticsShift shift = shift_of(layer);
    table.add({layer.layer, with_thousands(static_cast<std::int64_t>(layer.mean.size())),
               fmt::format("{:.3g} sd", shift.median_mean),
               fmt::format("{:.3g} sd", shift.largest_mean),
               fmt::format("{:.4g} x", shift.median_deviation),
               fmt::format("{:.4g} x", shift.largest_deviation)});
  }
  std::cout << table.text() << "\n";
  std::cout << "validation before: "
            << (result.before ? line_of(*result.before)
                              : "none, with statistics that were never updated")
            << "\nvalidation after:  " << line_of(result.after) << "\nsaved " << result.out.string()
            << "\n";
}

}  // namespace

int run(const RecalibrateArguments& arguments) {
  Result result;
  FoundCheckpoint found = open_checkpoint(arguments.checkpoint, notice);
  for (const std::string& fault : forget_invalid_statistics(found.checkpoint))
    notice(fault + "; its statistics begin anew");
  result.checkpoint = found.path;
  result.out = output_of(arguments, found.path);
  result.data = data_name_of(arguments.data, found);
  Trainer trainer = load_trainer(found, arguments.threads, arguments.kernels, arguments.math);
  RecalibrateOptions options{arguments.samples, batch_of(arguments, found), arguments.seed};
  if (!options.seed) options.seed = found.checkpoint.settings.seed;
  const Splits splits = load_data_of_run(found.checkpoint.notes, result.data, arguments.data_dir);

  // Refuses what cannot be recalibrated before it evaluates: that takes longer.
  const auto has_statistics = [](const Node& node) {
    return std::holds_alternative<BatchNorm>(node.op);
  };
  const auto& nodes = trainer.model().graph().nodes();
  if (std::any_of(nodes.begin(), nodes.end(), has_statistics))
    result.before = evaluation_before(trainer, splits.validation);
  result.recalibration = trainer.recalibrate(splits.train, options);
  result.after = trainer.evaluate(splits.validation);
  trainer.notes() = found.checkpoint.notes;
  trainer.notes()[kRecalibratedNote] = std::to_string(result.recalibration.images);
  trainer.save(result.out);
  if (arguments.json)
    print_json(result);
  else
    print_text(result);
  return kDone;
}

}  // namespace evenkeel::cli
