// SPDX-License-Identifier: Apache-2.0
// Layer normalisation (Ba, Kiros & Hinton 2016, arXiv 1607.06450) over the last axis, as Keras'
// default axis and PyTorch's LayerNorm(C): each row by statistics of its own, so training and
// inference are the same.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = gamma[C] (x - mean) / sqrt(variance + epsilon) + beta[C]. x: [N,..,C], C >= 2; mean and
// variance (of the population) are those of each row of C values. Inputs (x, gamma, beta).
struct LayerNorm {
  static constexpr std::string_view name = "layer_norm";
  double epsilon = 1e-5;
  static constexpr auto fields = std::tuple{field("epsilon", &LayerNorm::epsilon)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const LayerNorm&, const LayerNorm&) = default;
};

// Inputs (dy, x, gamma) -> dx, and each sample's sums [N,C]: dbeta = sum dy, dgamma = sum dy xhat.
// With g = gamma dy, and means over the row:
// dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(variance + epsilon).
struct LayerNormGrad {
  static constexpr std::string_view name = "layer_norm_grad";
  double epsilon = 1e-5;
  static constexpr auto fields = std::tuple{field("epsilon", &LayerNormGrad::epsilon)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const LayerNormGrad&, const LayerNormGrad&) = default;
};

}  // namespace evenkeel
