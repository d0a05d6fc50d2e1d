// SPDX-License-Identifier: Apache-2.0
// The parts of a run's report, each a heading with what belongs to it; "" where there is nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "evenkeel/report/run_report.h"

namespace evenkeel {

// How much of a run is shown.
struct RunDetail {
  std::size_t points = 400;  // of a line
  bool numbers = true;       // tables beside charts
  std::size_t mistakes = 24;
  std::size_t filters = 64;
  std::int64_t classes = 1000;  // of a confusion matrix that is drawn, at most
  bool sections = true;         // false: only the comparison of many runs
};

// "mnist-cnn on mnist, adam, learning rate 0.001, batches of 128, 10 epochs, seed 1".
std::string what_was_run(const ReportedRun& run);
// The value of the first of these keys that the run's settings have, without quotes; "" for none.
std::string setting_of(const RecordedRun& record, const std::vector<std::string>& keys);

// Results, what is missing, and recipe and environment, folded.
std::string result_section(const ReportedRun& run);
// `level`: of headings.
std::string curves_section(const ReportedRun& run, const RunDetail& detail, int level);
std::string norms_section(const RunLook& look, const RunDetail& detail, int level);
std::string confusion_section(const RunLook& look, const RunDetail& detail, int level);
std::string mistakes_section(const RunLook& look, const RunDetail& detail, int level);
std::string filters_section(const RunLook& look, const RunDetail& detail, int level);
std::string time_section(const RunLook& look, const RunDetail& detail, int level);

// "4", or the name that the data set has for the class.
std::string class_name(const RunLook& look, std::int64_t label);
// "step-00000429.safetensors, the best by its validation images".
std::string checkpoint_text(const RunLook& look);

}  // namespace evenkeel
