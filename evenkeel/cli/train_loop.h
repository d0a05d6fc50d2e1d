// SPDX-License-Identifier: Apache-2.0
// The loop of `train`: what happens between two steps of a run.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "evenkeel/cli/interrupt.h"
#include "evenkeel/cli/run_report.h"
#include "evenkeel/cli/step_times.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/train/epoch_means.h"
#include "evenkeel/train/evaluate.h"
#include "evenkeel/train/run_recorder.h"
#include "evenkeel/train/run_saver.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel::cli {

struct TrainPlan {
  std::int64_t epochs = 1;
  std::int64_t pause_after = 0;  // epochs behind which it stops, to be resumed; 0: never
  std::int64_t batch = 128;
  std::int64_t log_every = 0;       // batches
  std::int64_t eval_every = 0;      // epochs
  SaveTimes save_every;             // beside the epochs' own
  std::int64_t keep = 5;            // checkpoints, the last ones and the best; 0: all
  std::int64_t metrics_every = 10;  // steps between two rows of training batches; 0: none
  std::filesystem::path folder;
  std::int64_t accumulate = 1;  // batches of a step
  Augmentation augment = {};
  std::optional<int> loaders = {};
  Evaluate validate = {};                // on the validation images, for the callbacks too
  std::vector<Callback> callbacks = {};  // behind the loop's own
};

class TrainLoop {
 public:
  TrainLoop(Trainer& trainer, const Splits& data, const TrainPlan& plan,
            const Interruption& interruption, RunReport& report);

  // Trains, saves and evaluates; what was thrown on the way leaves the checkpoints before it.
  RunDone run();

 private:
  using Clock = std::chrono::steady_clock;
  // Of training alone: no evaluations, no saving, not the first step, which compiles.
  struct Timed {
    std::int64_t steps = 0;
    double seconds = 0;
  };

  void fit();
  RunDone done();
  void on_batch(const BatchEvent& event);
  void on_epoch(const BatchEvent& event);
  // Counts the time since training was last left as training's own.
  void leave_training();
  Speed speed(const BatchEvent& event) const;
  // Images a second since then; NaN where no step was timed.
  double rate_since(const Timed& then) const;
  std::int64_t images_per_step() const { return plan_.batch * plan_.accumulate; }
  std::int64_t batches_per_epoch() const { return data_.train.size() / images_per_step(); }
  // Of a run that has come to its end there is nothing left to pause.
  bool pauses_behind(std::int64_t step) const;
  void record(const BatchEvent& event);
  Evaluation test(const BatchEvent& event);
  void save();
  // Looks at the validation images, and keeps the best checkpoint.
  void validate(const BatchEvent& event);
  void catch_up();
  // The best checkpoint up to the step that the run goes on from, by the rows of its metrics; empty
  // where it is gone.
  std::optional<Best> best_until_now() const;

  Trainer& trainer_;
  const Splits& data_;
  TrainPlan plan_;
  const Interruption& interruption_;
  RunReport& report_;
  std::stop_source stop_;
  RunRecorder recorder_;
  RunSaver saver_;  // behind the recorder, which its thread calls
  std::int64_t first_step_;
  bool stopped_ = false;  // before its last epoch
  EpochMeans epoch_;
  Clock::time_point started_;
  Clock::time_point entered_;  // when training went on
  Timed timed_;
  Timed timed_at_row_;  // of a batch
  Timed timed_at_epoch_;
  double first_seconds_ = 0;  // of the first step, which compiles
  double seconds_to_first_step_ = -1;
  StepTimes step_times_;
};

}  // namespace evenkeel::cli
