// What a run is made of: what was typed, what the run it resumes says, and the defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evenkeel/cli/arguments.h"
#include "evenkeel/model/model.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel::cli {

struct TrainSettings {
  std::string model = "mnist-cnn";
  std::optional<std::string> data;  // empty: mnist, or what stands in for it
  bool data_fallback = false;       // fashion-mnist stands in, because mnist was nowhere
  std::int64_t epochs = 10;
  std::int64_t batch = 128;
  double learning_rate = 1e-3;
  std::string adam_form = "tensorflow";
  std::string statistics_rule = "count-weighted";
  std::uint64_t seed = 1;
  std::string precision = "f32";
  std::string kernels = "auto";
};

// `before`: the notes of the run to go on with; none for a new run. InvalidArgument for a value
// that makes no sense, or that contradicts what the run was trained with so far: names both.
TrainSettings resolve(const TrainArguments& arguments, const Notes& before);
// Back to notes, as checkpoints and run.json keep them.
Notes notes_of(const TrainSettings& settings);

// The network by name, with the moving statistics' rule.
Model model_of(const TrainSettings& settings);

}  // namespace evenkeel::cli
