// SPDX-License-Identifier: Apache-2.0
// What the processor and its memory give at most.
#pragma once

#include <string>

#include "bench/report/kernel_report.h"

namespace evenkeel::bench {

// The best of many measurements, on that many threads. The caches are taken to be 32 kB and 1 MB a
// core and 24 MB for all.
Limits measure_limits(int threads);

// As the system names it; "unknown" where it doesn't.
std::string cpu_model();

}  // namespace evenkeel::bench
