// SPDX-License-Identifier: Apache-2.0
// What `./run bench scaling` measured, as tables and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace evenkeel::bench {

struct ScalingPoint {
  std::string series;      // "batch", "width", "depth"
  std::string network;     // "mnist-cnn"
  std::int64_t value = 0;  // of what the series varies
  std::int64_t batch = 128;
  int threads = 1;
  double images_s = 0;        // by the median step
  double best_images_s = 0;   // by the fastest, which other programs on the machine disturb least
  double peak_megabytes = 0;  // of the process
};

struct ScalingReport {
  std::string cpu;
  std::string instruction_set;
  std::vector<ScalingPoint> points;
};

// A table for each series and network, with columns for each number of threads; speeds are the
// best.
std::string to_markdown(const ScalingReport& report);
std::string to_json(const ScalingReport& report);

// A point as one line, as the process that measured it prints it.
std::string to_line(const ScalingPoint& point);
// DataError where it is none.
ScalingPoint point_from_line(const std::string& line);

}  // namespace evenkeel::bench
