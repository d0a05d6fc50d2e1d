// SPDX-License-Identifier: Apache-2.0
// Group normalisation (Wu & He 2018, arXiv 1803.08494): each sample by statistics of its own, so
// training and inference are the same. One group for each channel is instance normalisation, a
// single group normalises the whole sample.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = gamma[C] (x - mean) / sqrt(variance + epsilon) + beta[C]. x: [N,..,C]; mean and variance (of
// the population) are those of each sample's groups of C / groups consecutive channels, over all
// axes but the first. A group must have two values or more. Inputs (x, gamma, beta).
struct GroupNorm {
  static constexpr std::string_view name = "group_norm";
  std::int64_t groups = 1;
  double epsilon = 1e-5;
  static constexpr auto fields =
      std::tuple{field("groups", &GroupNorm::groups), field("epsilon", &GroupNorm::epsilon)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const GroupNorm&, const GroupNorm&) = default;
};

// Inputs (dy, x, gamma) -> dx, and each sample's sums [N,C]: dbeta = sum dy, dgamma = sum dy xhat.
// With g = gamma dy, and means over the group's values:
// dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(variance + epsilon).
struct GroupNormGrad {
  static constexpr std::string_view name = "group_norm_grad";
  std::int64_t groups = 1;
  double epsilon = 1e-5;
  static constexpr auto fields = std::tuple{field("groups", &GroupNormGrad::groups),
                                            field("epsilon", &GroupNormGrad::epsilon)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const GroupNormGrad&, const GroupNormGrad&) = default;
};

}  // namespace evenkeel
