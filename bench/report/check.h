// SPDX-License-Identifier: Apache-2.0
// What `./run bench --check` says: which kernels take longer than they did, by ratios that do not
// depend on how fast the processor happens to run.
#pragma once

#include "bench/report/kernel_report.h"

namespace evenkeel::bench {

// Native time over oneDNN's where there is one, else over the least that the limits allow; each the
// best, of which load takes least.
struct Ratio {
  std::string against;  // "oneDNN", "roofline"
  double value = 0;
};
Ratio ratio_of(const Timing& timing, const Limits& limits);

// Kept in the repository.
struct Record {
  std::string cpu;
  std::string instruction_set;
  double tolerance = 0.3;               // by which a ratio may grow
  std::map<std::string, Ratio> ratios;  // by "kernel, shapes, threads"
};
std::string key_of(const Timing& timing);

Record record_of(const KernelReport& report, double tolerance);
std::string to_json(const Record& record);
// DataError that names `where`.
Record record_from_json(const std::string& where, const std::string& text);

struct Verdict {
  bool comparable = false;  // the record is of this processor and instruction set
  std::vector<std::string> slower;
  std::string text;  // of all that is to say, lines
};
Verdict check(const KernelReport& report, const Record& record);

}  // namespace evenkeel::bench
