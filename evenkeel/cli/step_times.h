// SPDX-License-Identifier: Apache-2.0
// How long the steps of a run took, each with what saving held it up.
#pragma once

#include <algorithm>
#include <vector>

#include "evenkeel/cli/run_report.h"

namespace evenkeel::cli {

class StepTimes {
 public:
  void add_step(double seconds) { steps_.push_back(static_cast<float>(seconds)); }
  // What the step added last was held up; the run's first step has no time of its own.
  void add_saving(double seconds) {
    saving_ += seconds;
    if (!steps_.empty()) steps_.back() += static_cast<float>(seconds);
  }

  StepSummary summary() const {
    if (steps_.empty()) return {0, 0, saving_};
    std::vector<float> steps = steps_;
    const auto middle = steps.begin() + std::ssize(steps) / 2;
    std::nth_element(steps.begin(), middle, steps.end());
    const double median = *middle;
    return {median, *std::max_element(steps.begin(), steps.end()), saving_};
  }

 private:
  std::vector<float> steps_;  // seconds
  double saving_ = 0;
};

}  // namespace evenkeel::cli
