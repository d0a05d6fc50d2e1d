// SPDX-License-Identifier: Apache-2.0
// Checkpoints while training goes on, for Trainer::fit().
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "evenkeel/data/dataset.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

// Steps are a promise of which checkpoints there are: training waits for a disk that is slower than
// they come. Seconds are a promise of how much work is lost at most: while one is still being
// written, the next is put off.
struct SaveTimes {
  std::int64_t steps = 0;  // after every so many completed steps; 0: not by steps
  double seconds = 0;      // since the last one was begun; 0: not by time
};

struct SaveOptions {
  std::int64_t keep_last = 5;  // as TensorFlow's Saver; 0: all
  // After each epoch, saves and looks at these images; best.json names the best checkpoint (more
  // accurate, then smaller loss), which is kept too. Empty: none is the best.
  Dataset best_of = {};
  // Called by the training thread, between two steps, once a checkpoint is safe on disk.
  std::function<void(std::int64_t step, const std::filesystem::path& path)> on_saved = {};
};

// Checkpoints "step-00000858.safetensors" in `folder`, which is made and belongs to this run alone:
// older ones are removed once a newer one is safe on disk. The state is copied between two steps
// and written beside training; the last one when fit() returns, which waits for it. A write that
// fails is a warning (TrainerOptions::log) and loses no older checkpoint; RuntimeFailure where the
// last one fails. InvalidArgument for a negative number.
EVENKEEL_API Callback save_every(const SaveTimes& times, const std::filesystem::path& folder,
                                 const SaveOptions& options = {});

}  // namespace evenkeel
