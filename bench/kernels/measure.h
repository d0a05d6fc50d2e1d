// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bench/report/kernel_report.h"

namespace evenkeel::bench {

struct MeasureOptions {
  bool brief = false;  // without the reference kernels, and fewer rounds
  std::string only;    // in a kernel's name or its operands; empty: all
};

// Processor and instruction set alone.
KernelReport machine_report();
// On one thread and on two where the processor has them.
KernelReport measure(const MeasureOptions& options);
// Once more what has these keys (check.h): the smaller ratio of both stays.
void remeasure(KernelReport& report, const std::vector<std::string>& keys,
               const MeasureOptions& options);

}  // namespace evenkeel::bench
