// SPDX-License-Identifier: Apache-2.0
// A run in lines of text, wherever they go.
#pragma once

#include <string>

#include "evenkeel/cli/run_report.h"

namespace evenkeel::cli {

class LineReport : public RunReport {
 public:
  explicit LineReport(const Recipe& settings);

  void started(const RunStart& start) override;
  void initialised(const LoadReport& load, const std::filesystem::path& from) override;
  void batch(const BatchEvent& event, const Evaluation& test) override;
  void validated(const BatchEvent& event, const Evaluation& validation, bool best) override;
  void epoch(const EpochResult& result) override;
  void saved(std::int64_t step, const std::filesystem::path& path) override;
  void warning(const std::string& text) override;
  void done(const RunDone& done) override;

 protected:
  virtual void print(const std::string& line) = 0;   // a result
  virtual void say(const std::string& line) = 0;     // how it goes
  virtual void notify(const std::string& line) = 0;  // what must be heard

 private:
  std::string mark_;        // behind every line, where another data set stands in
  std::string statistics_;  // that it evaluates with
  std::int64_t patience_;   // of early stopping
};

}  // namespace evenkeel::cli
