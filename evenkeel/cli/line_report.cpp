// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/line_report.h"

#include <fmt/format.h>

#include <cmath>

#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

std::string display_name(const std::string& optimizer) {
  if (optimizer == "adamw") return "AdamW";
  if (optimizer == "sgd") return "SGD";
  if (optimizer == "rmsprop") return "RMSprop";
  if (optimizer == "adagrad") return "Adagrad";
  return optimizer == "muon" ? "Muon" : "Adam";
}

// "128", "128 x 8 (batch norm per_micro_batch)".
std::string batch_phrase(const Recipe& settings) {
  if (settings.accumulate == 1) return std::to_string(settings.batch);
  return fmt::format("{} x {} (batch norm {})", settings.batch, settings.accumulate,
                     settings.accumulate_batch_norm);
}

}  // namespace

LineReport::LineReport(const Recipe& settings)
    : mark_(settings.data_fallback ? " (" + settings.data.value() + ")" : ""),
      statistics_(statistics_phrase(parse_statistics(settings.statistics))),
      patience_(settings.stop_patience) {}

void LineReport::started(const RunStart& start) {
  const Recipe& s = start.settings;
  say(fmt::format("{} on {}: {} train, {} validation, {} test images; batch {}, {}({}), seed {}",
                  s.model, s.data.value(), with_thousands(start.train_images),
                  with_thousands(start.validation_images), with_thousands(start.test_images),
                  batch_phrase(s), display_name(s.optimizer), s.learning_rate, s.seed) +
      mark_);
  say(fmt::format("threads: {}, {}, kernels: {}{}; writing to {}{}", start.environment.threads,
                  start.environment.instruction_set, s.kernels,
                  s.math == "fast" ? "" : ", math: " + s.math, start.folder.string(),
                  start.step > 0 ? fmt::format(", going on from step {}", start.step) : "") +
      mark_);
}

void LineReport::initialised(const LoadReport& load, const std::filesystem::path& from) {
  std::string text = to_text(load);
  text.pop_back();  // the last line's end
  say("starting from " + from.string() + ": " + text);
}

void LineReport::batch(const BatchEvent& event, const Evaluation& test) {
  print(fmt::format("Epoch {}/{} - Batch {}/{}: loss = {:.4f}, accuracy = {:.4f}{}", event.epoch,
                    event.epochs, event.batch, event.batches, event.loss, test.accuracy, mark_));
}

void LineReport::validated(const BatchEvent& event, const Evaluation& validation, bool best) {
  say(fmt::format("Epoch {}/{}: validation loss = {:.4f}, accuracy = {:.4f}{}{}", event.epoch,
                  event.epochs, validation.loss, validation.accuracy,
                  best ? ", the best so far" : "", mark_));
}

void LineReport::epoch(const EpochResult& result) {
  say(fmt::format("Epoch {}/{}: training loss = {:.4f}, accuracy = {:.4f}, {} images/s{}",
                  result.last.epoch, result.last.epochs, result.loss, result.accuracy,
                  with_thousands(std::llround(result.speed.images_per_second)), mark_));
}

void LineReport::saved(std::int64_t, const std::filesystem::path& path) {
  say("saved " + path.string() + mark_);
}

void LineReport::warning(const std::string& text) { notify("warning: " + text); }

void LineReport::done(const RunDone& done) {
  if (done.interrupted || done.paused) {
    notify((done.paused ? "Paused after step " : "Interrupted after step ") +
           std::to_string(done.steps) + ", saved " + done.checkpoint.string() +
           "; 'evenkeel train --resume " + done.checkpoint.parent_path().string() + "' goes on");
    return;
  }
  if (done.stopped_early)
    say(fmt::format(
        "Stopped early after step {}: {} at the validation images without a better "
        "one{}{}",
        done.steps, patience_ == 1 ? "a look" : fmt::format("{} looks in a row", patience_),
        done.best.empty() ? "" : "; the best checkpoint is " + done.best.string(), mark_));
  print(fmt::format("Test: loss = {:.4f}, accuracy = {:.4f} ({} images, {}){}", done.test.loss,
                    done.test.accuracy, done.test.images, statistics_, mark_));
  print("Checkpoint: " + done.checkpoint.string() + mark_);
  say(fmt::format("{} steps in {:.1f} s, {} images/s, {} at most{}", done.steps, done.seconds,
                  with_thousands(std::llround(done.speed.images_per_second)),
                  readable_bytes(static_cast<std::int64_t>(done.peak_memory_bytes)), mark_));
}

}  // namespace evenkeel::cli
