// SPDX-License-Identifier: Apache-2.0
// Samples of unequal weight. With W = sum w: mean = sum w x / W, variance = sum w (x - mean)^2 / W.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// The input that a model's samples' weights come by, f32[N].
inline constexpr std::string_view kSampleWeights = "weights";

// Inputs (count f64[N,C], M2 f64[N,C], weights[N]) -> both times the sample's weight; NaN where
// that is below 0.
struct WeightMoments : NoFields<WeightMoments> {
  static constexpr std::string_view name = "weight_moments";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const WeightMoments&, const WeightMoments&) = default;
};

// y[n,c] = a[n] b[c].
struct Outer : NoFields<Outer> {
  static constexpr std::string_view name = "outer";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Outer&, const Outer&) = default;
};

}  // namespace evenkeel
