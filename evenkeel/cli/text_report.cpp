// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "evenkeel/cli/common.h"
#include "evenkeel/cli/line_report.h"
#include "evenkeel/cli/logged_report.h"
#include "evenkeel/cli/progress_bar.h"
#include "evenkeel/report/profile_table.h"
#include "evenkeel/report/trend.h"

namespace evenkeel::cli {
namespace {

// Results on stdout; how it goes on stderr.
class TextReport : public LineReport {
 public:
  TextReport(const Recipe& settings, bool quiet) : LineReport(settings), quiet_(quiet) {}

  void step(const BatchEvent& event, const Speed& speed) override {
    if (quiet_) return;
    if (event.batch == 1) epoch_ = {};
    epoch_.loss += event.loss;
    epoch_.correct += event.correct;
    epoch_.images += event.batch_size;
    ++epoch_.batches;
    losses_.add(event.loss);
    Progress progress{event.epoch, event.epochs, event.batch, event.batches};
    progress.images_per_second = speed.images_per_second;
    progress.seconds_left = speed.seconds_left;
    progress.loss = epoch_.loss / static_cast<double>(epoch_.batches);
    progress.accuracy = static_cast<double>(epoch_.correct) / static_cast<double>(epoch_.images);
    progress.losses = losses_.means();
    bar_.show(progress);
  }

  void profiled(const Profile& profile) override {
    bar_.clear();
    std::cout << to_text(profile) << std::flush;
  }

 private:
  // Of the epoch, since this process began.
  struct SoFar {
    double loss = 0;
    std::int64_t correct = 0;
    std::int64_t images = 0;
    std::int64_t batches = 0;
  };

  void print(const std::string& line) override {
    bar_.clear();
    std::cout << line << std::endl;
  }
  void say(const std::string& line) override {
    if (!quiet_) notify(line);
  }
  void notify(const std::string& line) override {
    bar_.clear();
    notice(line);
  }

  bool quiet_;
  SoFar epoch_;
  Trend losses_;
  ProgressBar bar_;
};

}  // namespace

std::unique_ptr<RunReport> make_text_report(const Recipe& settings, bool quiet) {
  return with_log(std::make_unique<TextReport>(settings, quiet), settings);
}

}  // namespace evenkeel::cli
