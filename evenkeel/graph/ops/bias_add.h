// SPDX-License-Identifier: Apache-2.0
// The bias of a convolution or dense layer, and its gradient.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y[.., K] = x[.., K] + b[K].
struct BiasAdd : NoFields<BiasAdd> {
  static constexpr std::string_view name = "bias_add";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const BiasAdd&, const BiasAdd&) = default;
};

// db[K] = sum of dy[.., K] over all but the last axis.
struct BiasGrad : NoFields<BiasGrad> {
  static constexpr std::string_view name = "bias_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const BiasGrad&, const BiasGrad&) = default;
};

}  // namespace evenkeel
