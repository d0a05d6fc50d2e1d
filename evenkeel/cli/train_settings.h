// SPDX-License-Identifier: Apache-2.0
// What a run is made of: what was typed, what the run it resumes says, and the defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evenkeel/cli/arguments.h"
#include "evenkeel/data/dataset.h"
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
  std::string optimizer = "adam";
  std::string adam_form = "tensorflow";
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;
  double clip_norm = 0;
  std::string schedule = "constant";
  std::int64_t schedule_every = 0;  // steps
  double schedule_factor = 0.1;
  std::int64_t warm_up = 0;  // steps
  std::string loss = "softmax_cross_entropy";
  std::string statistics_rule = "count-weighted";
  std::string statistics = "moving";  // or "recalibrated:8192"
  std::uint64_t seed = 1;
  std::string precision = "f32";
  std::string kernels = "auto";
  std::string isa = "auto";
  std::string math = "fast";
  // Of reports alone; 0: none.
  std::int64_t log_every = 100;  // batches
  std::int64_t eval_every = 1;   // epochs
};

// What `train` does with a network where nothing else is asked for: all the same but for mnist-99,
// whose settings belong to it and which looks at no test image before its end.
TrainSettings usual_settings(const std::string& model);

// `before`: the notes of the run to go on with; none for a new run. InvalidArgument for a value
// that makes no sense, or that contradicts what the run was trained with so far: names both.
TrainSettings resolve(const TrainArguments& arguments, const Notes& before);
// Back to notes, as checkpoints and run.json keep them.
Notes notes_of(const TrainSettings& settings);

// The network by name, with the moving statistics' rule, for the images and classes of `data`; for
// those it was made for without.
Model model_of(const TrainSettings& settings, const Dataset* data = nullptr);

}  // namespace evenkeel::cli
