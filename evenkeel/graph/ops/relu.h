// SPDX-License-Identifier: Apache-2.0
// Rectified linear unit; its gradient reads the output, so that the input need not be kept.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = max(x, 0); NaN stays NaN.
struct Relu : NoFields<Relu> {
  static constexpr std::string_view name = "relu";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Relu&, const Relu&) = default;
};

// dx = y > 0 ? dy : 0. Inputs (dy, y).
struct ReluGrad : NoFields<ReluGrad> {
  static constexpr std::string_view name = "relu_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const ReluGrad&, const ReluGrad&) = default;
};

}  // namespace evenkeel
