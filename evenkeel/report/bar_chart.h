// SPDX-License-Identifier: Apache-2.0
// Bars: one for each name, or the counts of a histogram.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace evenkeel {

struct Bar {
  std::string name;
  double value = 0;
  std::string text;  // written at its end
  int style = 0;
};

// Lying bars from 0, `width` wide. title: read aloud.
std::string bars_svg(const std::string& title, const std::vector<Bar>& bars, int width);

// Counts of equally wide bins from low to high, with the two ends written below.
std::string histogram_svg(const std::string& title, double low, double high,
                          const std::vector<std::int64_t>& counts, int style);

}  // namespace evenkeel
