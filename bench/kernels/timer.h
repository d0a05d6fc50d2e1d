// SPDX-License-Identifier: Apache-2.0
// Times of several ways to do one thing, taken in turns, so that what else runs on the machine
// slows all of them.
#pragma once

#include <functional>
#include <vector>

#include "bench/report/kernel_report.h"

namespace evenkeel::bench {

struct TimerOptions {
  int rounds = 15;
  double sample_ms = 2;  // short work is repeated until a sample takes as long
};

// Of each.
std::vector<Times> time_in_turns(const std::vector<std::function<void()>>& ways,
                                 const TimerOptions& options);

double median(std::vector<double> values);

}  // namespace evenkeel::bench
