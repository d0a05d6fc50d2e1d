// SPDX-License-Identifier: Apache-2.0
// What a run leaves in its folder beside checkpoints: metrics.jsonl, environment.json and an event
// file for TensorBoard.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "evenkeel/data/dataset.h"
#include "evenkeel/formats/event_file.h"
#include "evenkeel/train/evaluation.h"
#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

struct RecordOptions {
  std::int64_t metrics_every = 10;  // steps between two rows of training batches; 0: none
  // Once an epoch, of weights, gradients and statistics; with the time it takes to compute the
  // gradients, in the memory of training (TrainerView::next_gradients).
  bool histograms = true;
};

// Called between two steps, by the thread that trains. A run goes on without what cannot be
// written: `warn` hears of each file once. Tags in event files: "train/loss", "train/accuracy",
// "train/learning_rate", "train/images_per_second", "validation/loss", "validation/accuracy",
// "test/loss", "test/accuracy"; as histograms "weights/<state>", "gradients/<state>",
// "gamma/<layer>", "beta/<layer>", "moving_mean/<layer>", "moving_variance/<layer>".
class EVENKEEL_API RunRecorder {
 public:
  // Goes on behind the steps that the trainer has done. InvalidArgument for a negative number.
  RunRecorder(const std::filesystem::path& folder, const Trainer& trainer,
              const RecordOptions& options, Tell warn);

  // Whether a batch of this step gets a row: the first, and every metrics_every-th.
  bool due(std::int64_t step) const;
  // images_per_second: NaN where it is not known.
  void batch(const BatchEvent& event, double images_per_second);
  // Means over the epoch's batches; histograms of the state as it is, and of the gradients that
  // `data` will give.
  void epoch(const Trainer& trainer, const Dataset& data, const BatchEvent& event, double loss,
             double accuracy, double images_per_second);
  // Whether the step that the run goes on from has been evaluated; true where nobody can say.
  bool evaluated(const std::string& split) const;
  // split: validation or test.
  void evaluation(const std::string& split, std::int64_t step, std::int64_t epoch,
                  const Evaluation& evaluation, bool best);
  void done(std::int64_t step, const Evaluation& test);

  // Until all of it would survive a power cut. From any thread; a fault is told with the next row.
  void sync() noexcept;

 private:
  // A file that can fail, without the run.
  template <typename File>
  struct Guarded {
    std::optional<File> file;
    bool told = false;
  };
  template <typename File, typename Write>
  void attempt(Guarded<File>& target, Write write);
  void tell_once(bool& told, const std::string& text);
  // The row, and its scalars where the file did not have it.
  void add(const MetricsRow& row, std::span<const tensorboard::Scalar> scalars);
  void histograms(const Trainer& trainer, const Dataset& data, const BatchEvent& event);
  double seconds() const;

  RecordOptions options_;
  Tell warn_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  Guarded<MetricsLog> metrics_;
  Guarded<tensorboard::EventFile> events_;
  std::atomic<bool> not_synced_ = false;
  bool told_of_sync_ = false;
};

}  // namespace evenkeel
