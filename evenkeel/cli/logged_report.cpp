// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/logged_report.h"

#include <optional>
#include <utility>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/line_report.h"
#include "evenkeel/train/run_log.h"

namespace evenkeel::cli {
namespace {

// Keeps lines until it knows the folder. A log that cannot be written ends there.
class LogReport : public LineReport {
 public:
  using LineReport::LineReport;

  void started(const RunStart& start) override {
    try {
      log_.emplace(start.folder);
    } catch (const RuntimeFailure& error) {
      fault_ = error.what();
    }
    for (const std::string& line : std::exchange(waiting_, {})) add(line);
    begun_ = true;
    LineReport::started(start);
  }
  void step(const BatchEvent&, const Speed&) override {}
  void profiled(const Profile&) override {}

  void failed(const std::string& text) override { add("evenkeel: " + text); }

  // What it failed of, once.
  std::string take_fault() { return std::exchange(fault_, ""); }

 private:
  void print(const std::string& line) override { add(line); }
  void say(const std::string& line) override { add(line); }
  void notify(const std::string& line) override { add(line); }
  void add(const std::string& line) {
    if (!log_ && !begun_) waiting_.push_back(line);
    if (!log_) return;
    try {
      log_->add(line);
    } catch (const RuntimeFailure& error) {
      log_.reset();
      fault_ = error.what();
    }
  }

  std::optional<RunLog> log_;
  std::vector<std::string> waiting_;
  bool begun_ = false;
  std::string fault_;
};

class LoggedReport : public RunReport {
 public:
  LoggedReport(std::unique_ptr<RunReport> report, const Recipe& settings)
      : report_(std::move(report)), log_(settings) {}

  void started(const RunStart& start) override {
    both([&](RunReport& report) { report.started(start); });
  }
  void initialised(const LoadReport& load, const std::filesystem::path& from) override {
    both([&](RunReport& report) { report.initialised(load, from); });
  }
  void step(const BatchEvent& event, const Speed& speed) override { report_->step(event, speed); }
  void batch(const BatchEvent& event, const Evaluation& test) override {
    both([&](RunReport& report) { report.batch(event, test); });
  }
  void validated(const BatchEvent& event, const Evaluation& validation, bool best) override {
    both([&](RunReport& report) { report.validated(event, validation, best); });
  }
  void epoch(const EpochResult& result) override {
    both([&](RunReport& report) { report.epoch(result); });
  }
  void saved(std::int64_t step, const std::filesystem::path& path) override {
    both([&](RunReport& report) { report.saved(step, path); });
  }
  void warning(const std::string& text) override {
    both([&](RunReport& report) { report.warning(text); });
  }
  void profiled(const Profile& profile) override { report_->profiled(profile); }
  void done(const RunDone& done) override {
    both([&](RunReport& report) { report.done(done); });
  }
  void failed(const std::string& text) override {
    both([&](RunReport& report) { report.failed(text); });
  }

 private:
  template <typename Tell>
  void both(Tell tell) {
    tell(*report_);
    tell(log_);
    const std::string fault = log_.take_fault();
    if (!fault.empty()) report_->warning(fault + "; the run goes on without a log");
  }

  std::unique_ptr<RunReport> report_;
  LogReport log_;
};

}  // namespace

std::unique_ptr<RunReport> with_log(std::unique_ptr<RunReport> report, const Recipe& settings) {
  return std::make_unique<LoggedReport>(std::move(report), settings);
}

}  // namespace evenkeel::cli
