// SPDX-License-Identifier: Apache-2.0
// What a state follows over the updates, and what depends on how many there have been.
#pragma once

#include <vector>

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Inputs (moving, updates_seen i64[], value f32 or f64 of moving's shape) -> k moving + (1 - k)
// value, with k = keep, or count_weighted: min(keep, n / (n + ramp)) after n updates.
struct MovingAverage {
  static constexpr std::string_view name = "moving_average";
  double keep = 0.9;
  bool count_weighted = true;
  double ramp = 1;
  static constexpr auto fields = std::tuple{field("keep", &MovingAverage::keep),
                                            field("count_weighted", &MovingAverage::count_weighted),
                                            rare_field("ramp", &MovingAverage::ramp)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const MovingAverage&, const MovingAverage&) = default;
};

// A count i64[] -> y f64[], on straight lines through the points (at[i], value[i]): at non-negative
// and never falling, both ends constant, and where two points share a count the later one holds.
struct PiecewiseLinear {
  static constexpr std::string_view name = "piecewise_linear";
  std::vector<double> at = {};
  std::vector<double> value = {};
  static constexpr auto fields =
      std::tuple{field("at", &PiecewiseLinear::at), field("value", &PiecewiseLinear::value)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const PiecewiseLinear&, const PiecewiseLinear&) = default;
};

}  // namespace evenkeel
