// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/log_run.h"

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/train/epoch_means.h"
#include "evenkeel/train/run_lock.h"
#include "evenkeel/train/run_recorder.h"

namespace evenkeel {
namespace {

class RunLogger {
 public:
  RunLogger(std::filesystem::path folder, LogRunOptions options)
      : folder_(std::move(folder)), options_(std::move(options)) {
    if (options_.metrics_every < 0)
      throw InvalidArgument("log_run", "expected metrics_every of at least 0, got " +
                                           std::to_string(options_.metrics_every));
    os::make_directories(folder_);
    lock_.take(folder_);
  }

  void begin(Trainer& trainer) {
    const LogHook log = trainer.options().log;
    recorder_ = std::make_unique<RunRecorder>(
        folder_, trainer, RecordOptions{.metrics_every = options_.metrics_every},
        [log](const std::string& text) {
          if (log) log(Severity::warning, text);
        });
    means_.resume(trainer.notes(), trainer.completed_steps());
    row_ = epoch_ = {};
  }

  void batch(Trainer& trainer, const BatchEvent& event) {
    means_.add(event, trainer.notes());
    for (Pace* pace : {&row_, &epoch_}) pace->images += event.batch_size;
    if (!recorder_->due(event.step)) return;
    recorder_->batch(event, row_.rate());
    row_ = {};
  }

  void epoch(Trainer& trainer, const BatchEvent& event) {
    recorder_->epoch(trainer, options_.train, event, means_.loss(), means_.accuracy(),
                     epoch_.rate());
    if (options_.validation.size() > 0) {
      const Evaluation evaluation = trainer.evaluate(options_.validation);
      const bool best = better(evaluation, best_);
      if (best) best_ = {event.step, evaluation.accuracy, evaluation.loss};
      recorder_->evaluation("validation", event.step, event.epoch, evaluation, best);
    }
    row_ = epoch_ = {};
  }

  void end() { recorder_->sync(); }

 private:
  // Images since then, with all that callbacks took.
  struct Pace {
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    std::int64_t images = 0;
    double rate() const {
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - since;
      return time.count() > 0 ? static_cast<double>(images) / time.count()
                              : std::numeric_limits<double>::quiet_NaN();
    }
  };

  std::filesystem::path folder_;
  LogRunOptions options_;
  RunLock lock_;
  std::unique_ptr<RunRecorder> recorder_;  // from on_begin on
  EpochMeans means_;
  std::optional<Best> best_;
  Pace row_;
  Pace epoch_;
};

}  // namespace

Callback log_run(const std::filesystem::path& folder, const LogRunOptions& options) {
  const auto logger = std::make_shared<RunLogger>(folder, options);
  Callback callback;
  callback.on_begin = [logger](Trainer& trainer, const BatchEvent&) { logger->begin(trainer); };
  callback.on_batch = [logger](Trainer& trainer, const BatchEvent& event) {
    logger->batch(trainer, event);
  };
  callback.on_epoch = [logger](Trainer& trainer, const BatchEvent& event) {
    logger->epoch(trainer, event);
  };
  callback.on_end = [logger](Trainer&) { logger->end(); };
  return callback;
}

}  // namespace evenkeel
