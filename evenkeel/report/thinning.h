// SPDX-License-Identifier: Apache-2.0
// Long rows of numbers as a chart can show them.
#pragma once

#include <cstddef>
#include <vector>

namespace evenkeel {

struct Points {
  std::vector<double> x;
  std::vector<double> y;  // NaN or infinite: a gap
};

// About `most` of the points, at least 8: of each of as many stretches of equally many points the
// smallest and the largest, in their order, so that no peak is lost. The first and the last point
// stay, and so do gaps.
Points thinned(const Points& points, std::size_t most);

// Weighted means of each value and those before it: the one `memory` places back weighs 1/e.
// Begins anew behind a gap. memory 0: as given.
std::vector<double> smoothed(const std::vector<double>& values, double memory);

}  // namespace evenkeel
