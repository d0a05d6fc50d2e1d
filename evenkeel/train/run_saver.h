// SPDX-License-Identifier: Apache-2.0
// What save_every() and the command share: when a run's checkpoints are written, which ones stay.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "evenkeel/train/checkpoint_writer.h"
#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/save_every.h"

namespace evenkeel {

// Called between two steps, by the thread that trains. A checkpoint that cannot be written is a
// warning to the trainer's log, the first of a row, and training goes on; only finish() throws.
class EVENKEEL_API RunSaver {
 public:
  // InvalidArgument for a negative number.
  RunSaver(std::filesystem::path folder, const SaveTimes& times, const SaveOptions& options);

  // The state of this step is in the folder already: nothing to save before the next step.
  void already_saved(std::int64_t step) { saved_step_ = step; }
  // `sync` is called ahead of each checkpoint that becomes safe, in the thread that writes it: what
  // is told of the steps before it is then safe as well. It must not throw.
  void sync_first(std::function<void()> sync) { sync_ = std::move(sync); }
  // The best so far, where best.json names one that this run has not come to: it went on from an
  // earlier step. RuntimeFailure where the file cannot follow.
  void take_best(const std::optional<Best>& best);
  // Saves where it is time to; tells of what has become safe since.
  void after_step(const Trainer& trainer);
  // Begins to save, unless this step is saved or under way.
  void save(const Trainer& trainer);
  // Waits for what is under way.
  void settle(const Trainer& trainer);
  // Names the checkpoint of the trainer's step as the best if it is better than the one before and
  // safe on disk, for which it waits. True if it now is.
  bool keep_best(const Trainer& trainer, const Evaluation& validation);
  // Saves what is not saved, and waits. RuntimeFailure where that fails.
  void finish(const Trainer& trainer);

  bool is_saved(std::int64_t step) const { return step == saved_step_; }
  const std::optional<Best>& best() const { return best_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool due(std::int64_t step) const;
  // The checkpoint of this step is safe on disk.
  void safe(const Trainer& trainer, std::int64_t step);
  void warn(const Trainer& trainer, const Error& error);
  void remove_old(std::int64_t newest) noexcept;
  void tell_of_removal(const Trainer& trainer);

  std::filesystem::path folder_;
  SaveTimes times_;
  std::int64_t keep_last_;
  decltype(SaveOptions::on_saved) on_saved_;
  std::function<void()> sync_;
  std::optional<Best> best_;
  std::optional<Clock::time_point> last_;  // when the last one was begun
  std::int64_t saved_step_ = -1;
  std::optional<std::int64_t> under_way_;  // its step
  bool failing_ = false;
  std::string not_removed_;  // written by the writing thread, read after it
  CheckpointWriter writer_;  // last: its thread ends before the rest goes
};

}  // namespace evenkeel
