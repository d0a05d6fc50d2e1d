// SPDX-License-Identifier: Apache-2.0
// The loop of `train`: what happens between two steps of a run.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "evenkeel/cli/interrupt.h"
#include "evenkeel/cli/run_report.h"
#include "evenkeel/cli/step_times.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/train/run_saver.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel::cli {

struct TrainPlan {
  std::int64_t epochs = 1;
  std::int64_t batch = 128;
  std::int64_t log_every = 0;   // batches
  std::int64_t eval_every = 0;  // epochs
  SaveTimes save_every;         // beside the epochs' own
  std::int64_t keep = 5;        // checkpoints, the last ones and the best; 0: all
  std::filesystem::path folder;
};

class TrainLoop {
 public:
  TrainLoop(Trainer& trainer, const Splits& data, const TrainPlan& plan,
            const Interruption& interruption, RunReport& report);

  // Trains, saves and evaluates; what was thrown on the way leaves the checkpoints before it.
  RunDone run();

 private:
  using Clock = std::chrono::steady_clock;

  void on_batch(const BatchEvent& event);
  void on_epoch(const BatchEvent& event);
  // Counts the time since training was last left as training's own.
  void leave_training();
  Speed speed(const BatchEvent& event) const;
  void save();
  // Looks at the validation images, and keeps the best checkpoint.
  void validate(const BatchEvent& event);
  void catch_up();

  Trainer& trainer_;
  const Splits& data_;
  TrainPlan plan_;
  const Interruption& interruption_;
  RunReport& report_;
  std::stop_source stop_;
  RunSaver saver_;
  std::int64_t first_step_;
  double epoch_loss_ = 0;  // summed over the epoch's batches seen so far
  std::int64_t epoch_correct_ = 0;
  std::int64_t epoch_batches_ = 0;
  Clock::time_point started_;
  Clock::time_point entered_;  // when training went on
  std::int64_t timed_steps_ = 0;
  double timed_seconds_ = 0;
  double first_seconds_ = 0;  // of the first step, which compiles
  double seconds_to_first_step_ = -1;
  StepTimes step_times_;
};

}  // namespace evenkeel::cli
