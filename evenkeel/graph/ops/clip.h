// SPDX-License-Identifier: Apache-2.0
// Clipping gradients by their global norm (Pascanu et al. 2013), as PyTorch's clip_grad_norm_.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y: f64[] = sum x^2, added up in double. x: f32 or f64.
struct SquaredNorm : NoFields<SquaredNorm> {
  static constexpr std::string_view name = "squared_norm";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SquaredNorm&, const SquaredNorm&) = default;
};

// y: [] of `dtype` = min(1, largest / (sqrt(s) + 1e-6)); s: f64[] the sum of squares. Where s is
// not finite y is 1: the gradients themselves then tell.
struct ClipFactor {
  static constexpr std::string_view name = "clip_factor";
  double largest = 1;
  DType dtype = DType::f32;
  static constexpr auto fields =
      std::tuple{field("largest", &ClipFactor::largest), field("dtype", &ClipFactor::dtype)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const ClipFactor&, const ClipFactor&) = default;
};

}  // namespace evenkeel
