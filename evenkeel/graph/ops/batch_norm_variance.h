// SPDX-License-Identifier: Apache-2.0
// The variance as a value of its own, and the gradient through it, for what BatchNormApply does not
// do by itself.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Inputs (count, mean, M2), [C] or [N,C] -> M2 / count, or the sample's M2 / (count - 1) where
// count > 1, as `dtype`. NaN of no values.
struct ChannelVariance {
  static constexpr std::string_view name = "channel_variance";
  DType dtype = DType::f32;
  MovingVariance variance = MovingVariance::population;
  static constexpr auto fields = std::tuple{rare_field("dtype", &ChannelVariance::dtype),
                                            rare_field("variance", &ChannelVariance::variance)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const ChannelVariance&, const ChannelVariance&) = default;
};

// Inputs (dvariance, count) -> dM2 f64 = dvariance / count, or by count - 1.
struct ChannelVarianceGrad {
  static constexpr std::string_view name = "channel_variance_grad";
  MovingVariance variance = MovingVariance::population;
  static constexpr auto fields = std::tuple{rare_field("variance", &ChannelVarianceGrad::variance)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const ChannelVarianceGrad&, const ChannelVarianceGrad&) = default;
};

// y = sqrt(variance + epsilon), of any shape.
struct Deviation {
  static constexpr std::string_view name = "deviation";
  double epsilon = 1e-3;
  static constexpr auto fields = std::tuple{field("epsilon", &Deviation::epsilon)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Deviation&, const Deviation&) = default;
};

// y = 1 / sqrt(variance + epsilon), of any shape.
struct InverseDeviation {
  static constexpr std::string_view name = "inverse_deviation";
  double epsilon = 1e-3;
  static constexpr auto fields = std::tuple{field("epsilon", &InverseDeviation::epsilon)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const InverseDeviation&, const InverseDeviation&) = default;
};

// ChannelMoments' gradient: dx = dmean / count + 2 (x - mean) dM2. Inputs (x, count, mean, dmean,
// dM2), the last four f64[C] or f64[N,C].
struct ChannelMomentsGrad : NoFields<ChannelMomentsGrad> {
  static constexpr std::string_view name = "channel_moments_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const ChannelMomentsGrad&, const ChannelMomentsGrad&) = default;
};

}  // namespace evenkeel
