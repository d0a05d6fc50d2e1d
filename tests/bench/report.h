// SPDX-License-Identifier: Apache-2.0
// A report with times made up.
#pragma once

#include "bench/report/kernel_report.h"

namespace evenkeel::bench {

inline Timing timing(const char* kernel, int threads, double median_ms, double best_ms) {
  Timing result = {"mnist-cnn", kernel, "2x3 -> 2x4", threads, 120e6, 12e6};
  result.native = {median_ms, best_ms};
  return result;
}

inline KernelReport report() {
  KernelReport result = {"A processor", "avx2", {}, {}};
  result.limits[1] = {100, {{"L2", 1e6, 50}, {"memory", 1e18, 20}}};
  result.limits[2] = {200, {{"L2", 2e6, 100}, {"memory", 1e18, 30}}};
  result.timings = {timing("native/matmul", 1, 4, 2), timing("native/matmul", 2, 2, 1),
                    timing("native/adam", 1, 0.5, 0.25)};
  result.timings[0].onednn = Times{5, 4};
  result.timings[0].reference = Times{900, 900};
  return result;
}

}  // namespace evenkeel::bench
