// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_recorder.h"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/train/run_environment.h"
#include "evenkeel/train/run_histograms.h"

namespace evenkeel {
namespace {

constexpr const char kGoesOn[] = "; the run goes on without it";

std::vector<tensorboard::Scalar> loss_and_accuracy(const std::string& split,
                                                   const MetricsRow& row) {
  return {{split + "/loss", row.loss}, {split + "/accuracy", row.accuracy}};
}

}  // namespace

RunRecorder::RunRecorder(const std::filesystem::path& folder, const Trainer& trainer,
                         const RecordOptions& options, Tell warn)
    : options_(options), warn_(std::move(warn)) {
  if (options.metrics_every < 0)
    throw InvalidArgument("metrics_every", "expected a number of at least 0, got " +
                                               std::to_string(options.metrics_every));
  const std::int64_t step = trainer.completed_steps();
  bool told = false;
  try {
    add_session(folder, step, trainer.threads(), warn_);
  } catch (const RuntimeFailure& error) {
    tell_once(told, error.what());
  }
  try {
    metrics_.file.emplace(folder, step, warn_);
  } catch (const Error& error) {
    tell_once(metrics_.told, error.what());
  }
  try {
    events_.file.emplace(folder, step);
  } catch (const RuntimeFailure& error) {
    tell_once(events_.told, error.what());
  }
}

bool RunRecorder::due(std::int64_t step) const {
  return options_.metrics_every > 0 && (step == 1 || step % options_.metrics_every == 0);
}

void RunRecorder::batch(const BatchEvent& event, double images_per_second) {
  if (!due(event.step)) return;
  MetricsRow row{.event = "batch", .step = event.step, .epoch = event.epoch};
  row.loss = event.loss;
  row.accuracy = static_cast<double>(event.correct) / static_cast<double>(event.batch_size);
  row.learning_rate = event.learning_rate;
  row.images_per_second = images_per_second;
  auto scalars = loss_and_accuracy("train", row);
  scalars.push_back({"train/learning_rate", event.learning_rate});
  if (std::isfinite(images_per_second))
    scalars.push_back({"train/images_per_second", images_per_second});
  add(row, scalars);
}

void RunRecorder::epoch(const Trainer& trainer, const Dataset& data, const BatchEvent& event,
                        double loss, double accuracy, double images_per_second) {
  MetricsRow row{.event = "epoch", .step = event.step, .epoch = event.epoch};
  row.loss = loss;
  row.accuracy = accuracy;
  row.images_per_second = images_per_second;
  row.seconds = seconds();
  add(row, {});
  if (options_.histograms) histograms(trainer, data, event);
}

void RunRecorder::evaluation(const std::string& split, std::int64_t step, std::int64_t epoch,
                             const Evaluation& evaluation, bool best) {
  MetricsRow row{.event = "evaluation", .split = split, .step = step, .epoch = epoch};
  row.loss = evaluation.loss;
  row.accuracy = evaluation.accuracy;
  row.images = evaluation.images;
  row.best = best;
  add(row, loss_and_accuracy(split, row));
}

bool RunRecorder::evaluated(const std::string& split) const {
  return !metrics_.file || metrics_.file->has("evaluation", split);
}

void RunRecorder::done(std::int64_t step, const Evaluation& test) {
  MetricsRow row{.event = "done", .step = step};
  row.loss = test.loss;
  row.accuracy = test.accuracy;
  row.seconds = seconds();
  add(row, {});
  sync();
}

void RunRecorder::sync() noexcept {
  try {
    if (metrics_.file) metrics_.file->sync();
    if (events_.file) events_.file->sync();
  } catch (const RuntimeFailure&) {
    not_synced_ = true;
  }
}

template <typename File, typename Write>
void RunRecorder::attempt(Guarded<File>& target, Write write) {
  if (!target.file) return;
  try {
    write(*target.file);
  } catch (const RuntimeFailure& error) {
    tell_once(target.told, error.what());
  }
}

void RunRecorder::tell_once(bool& told, const std::string& text) {
  if (!std::exchange(told, true) && warn_) warn_(text + kGoesOn);
}

void RunRecorder::add(const MetricsRow& row, std::span<const tensorboard::Scalar> scalars) {
  bool is_new = true;
  attempt(metrics_, [&](MetricsLog& log) { is_new = log.add(row); });
  if (is_new && !scalars.empty())
    attempt(events_, [&](tensorboard::EventFile& file) { file.add(row.step, scalars); });
  if (not_synced_) tell_once(told_of_sync_, "metrics may not survive a power cut: syncing failed");
}

void RunRecorder::histograms(const Trainer& trainer, const Dataset& data, const BatchEvent& event) {
  if (!events_.file) return;
  run_histograms(trainer, data, event.batch_size,
                 [&](const std::string& tag, const tensorboard::Histogram& histogram) {
                   attempt(events_, [&](auto& file) { file.add(event.step, tag, histogram); });
                 });
}

double RunRecorder::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

}  // namespace evenkeel
