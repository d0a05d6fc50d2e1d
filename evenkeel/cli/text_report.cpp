// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "evenkeel/cli/common.h"
#include "evenkeel/cli/progress_bar.h"
#include "evenkeel/cli/run_report.h"
#include "evenkeel/cli/statistics_setting.h"
#include "evenkeel/report/profile_table.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

std::string display_name(const std::string& optimizer) {
  if (optimizer == "adamw") return "AdamW";
  if (optimizer == "sgd") return "SGD";
  return optimizer == "rmsprop" ? "RMSprop" : "Adam";
}

// Results on stdout; how it goes on stderr.
class TextReport : public RunReport {
 public:
  TextReport(const TrainSettings& settings, bool quiet)
      : mark_(settings.data_fallback ? " (" + settings.data.value() + ")" : ""),
        statistics_(statistics_phrase(parse_statistics(settings.statistics))),
        quiet_(quiet) {}

  void started(const RunStart& start) override {
    const TrainSettings& s = start.settings;
    say(fmt::format("{} on {}: {} train, {} validation, {} test images; batch {}, {}({}), seed {}",
                    s.model, s.data.value(), with_thousands(start.train_images),
                    with_thousands(start.validation_images), with_thousands(start.test_images),
                    s.batch, display_name(s.optimizer), s.learning_rate, s.seed));
    say(fmt::format("threads: {}, {}, kernels: {}{}; writing to {}{}", start.environment.threads,
                    start.environment.instruction_set, s.kernels,
                    s.math == "fast" ? "" : ", math: " + s.math, start.folder.string(),
                    start.step > 0 ? fmt::format(", going on from step {}", start.step) : ""));
  }

  void step(const BatchEvent& event, const Speed& speed) override {
    if (quiet_) return;
    bar_.show({event.epoch, event.epochs, event.batch, event.batches, speed.images_per_second,
               speed.seconds_left});
  }

  void batch(const BatchEvent& event, const Evaluation& test) override {
    print(fmt::format("Epoch {}/{} - Batch {}/{}: loss = {:.4f}, accuracy = {:.4f}", event.epoch,
                      event.epochs, event.batch, event.batches, event.loss, test.accuracy));
  }

  void validated(const BatchEvent& event, const Evaluation& validation, bool best) override {
    say(fmt::format("Epoch {}/{}: validation loss = {:.4f}, accuracy = {:.4f}{}", event.epoch,
                    event.epochs, validation.loss, validation.accuracy,
                    best ? ", the best so far" : ""));
  }

  void epoch(const EpochResult& result) override {
    say(fmt::format("Epoch {}/{}: training loss = {:.4f}, accuracy = {:.4f}, {} images/s",
                    result.last.epoch, result.last.epochs, result.loss, result.accuracy,
                    with_thousands(std::llround(result.speed.images_per_second))));
  }

  void saved(std::int64_t, const std::filesystem::path& path) override {
    say("saved " + path.string());
  }

  void warning(const std::string& text) override {
    bar_.clear();
    notice("warning: " + text);
  }

  void profiled(const Profile& profile) override {
    bar_.clear();
    std::cout << to_text(profile) << std::flush;
  }

  void done(const RunDone& done) override {
    bar_.clear();
    if (done.interrupted) {
      notice("Interrupted after step " + std::to_string(done.steps) + ", saved " +
             done.checkpoint.string() + "; 'evenkeel train --resume " +
             done.checkpoint.parent_path().string() + "' goes on");
      return;
    }
    print(fmt::format("Test: loss = {:.4f}, accuracy = {:.4f} ({} images, {})", done.test.loss,
                      done.test.accuracy, done.test.images, statistics_));
    print("Checkpoint: " + done.checkpoint.string());
    say(fmt::format("{} steps in {:.1f} s, {} images/s, {} at most", done.steps, done.seconds,
                    with_thousands(std::llround(done.speed.images_per_second)),
                    readable_bytes(static_cast<std::int64_t>(done.peak_memory_bytes))));
  }

 private:
  void say(const std::string& text) {
    if (quiet_) return;
    bar_.clear();
    notice(text + mark_);
  }
  void print(const std::string& text) {
    bar_.clear();
    std::cout << text << mark_ << std::endl;
  }

  std::string mark_;        // behind every line, where another data set stands in
  std::string statistics_;  // that it evaluates with
  bool quiet_;
  ProgressBar bar_;
};

}  // namespace

std::unique_ptr<RunReport> make_text_report(const TrainSettings& settings, bool quiet) {
  return std::make_unique<TextReport>(settings, quiet);
}

}  // namespace evenkeel::cli
