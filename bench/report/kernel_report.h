// SPDX-License-Identifier: Apache-2.0
// What `./run bench kernels` measured, as a table and as JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace evenkeel::bench {

// What is read and written again and again, where it is this large at most: the caches, memory.
struct MemoryLevel {
  std::string name;  // "L2", "memory"
  double bytes = 0;
  double gigabytes_s = 0;
};

// What the machine gives at most, measured in the same run.
struct Limits {
  double gflops = 0;  // fp32 multiply-adds from registers
  std::vector<MemoryLevel> levels;
};

// The median, and the least, which other programs on the machine disturb least.
struct Times {
  double median_ms = 0;
  double best_ms = 0;
};

// One call on one number of threads.
struct Timing {
  std::string network;  // the first that has the call
  std::string kernel;   // "native/matmul"
  std::string shapes;   // "128x3136 3136x1024 -> 128x1024"
  int threads = 1;
  double flops = 0;  // of a convolution by way of the frequencies: the direct one's
  double bytes = 0;  // every operand once
  Times native = {};
  std::optional<Times> onednn = {};
  std::optional<Times> reference = {};  // on one thread
};

struct KernelReport {
  std::string cpu;
  std::string instruction_set;
  std::map<int, Limits> limits;  // by threads
  std::vector<Timing> timings;
};

// Of the best time.
double gflops(const Timing& timing);
double gigabytes_s(const Timing& timing);
// The smallest level that holds all operands.
const MemoryLevel& level_of(const Timing& timing, const Limits& limits);
// The least time that arithmetic or the operands' level allow, over the best time taken. Above 1
// where operands are used from a nearer cache, or fewer operations done than a direct sum has.
double roofline_share(const Timing& timing, const Limits& limits);

// A row for each call, with columns for one thread and for two; times as "median (best)".
std::string to_markdown(const KernelReport& report);
std::string to_json(const KernelReport& report);

}  // namespace evenkeel::bench
