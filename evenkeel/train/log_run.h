// SPDX-License-Identifier: Apache-2.0
// What a run leaves behind, for Trainer::fit().
//   trainer.fit(data, {.epochs = 10, .callbacks = {log_run("runs/mine", {.train = data})}});
#pragma once

#include <cstdint>
#include <filesystem>

#include "evenkeel/data/dataset.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

struct LogRunOptions {
  std::int64_t metrics_every = 10;  // steps between two rows of training batches; 0: none
  // The images that are trained on, for histograms of gradients after each epoch; fewer than a
  // batch: none.
  Dataset train = {};
  Dataset validation = {};  // looked at after each epoch; empty: not
};

// Writes metrics.jsonl (train/metrics_log.h), environment.json and an event file for TensorBoard
// into `folder`, which is made. A trainer that was restored goes on in it: rows behind its step go.
// The folder is held as long as the callback lives: InvalidArgument where another process trains in
// it. What cannot be written later is a warning (TrainerOptions::log), and training goes on.
EVENKEEL_API Callback log_run(const std::filesystem::path& folder,
                              const LogRunOptions& options = {});

}  // namespace evenkeel
