// SPDX-License-Identifier: Apache-2.0
// Whole-tensor reductions, in index order, accumulated in f64 (or i64).
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y: [] = sum x / count. x: f32 or f64.
struct Mean : NoFields<Mean> {
  static constexpr std::string_view name = "mean";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Mean&, const Mean&) = default;
};

// dx = dy / count everywhere. Inputs (dy: [], x for its shape).
struct MeanGrad : NoFields<MeanGrad> {
  static constexpr std::string_view name = "mean_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const MeanGrad&, const MeanGrad&) = default;
};

// y: i32[] = sum x. x: i32.
struct Sum : NoFields<Sum> {
  static constexpr std::string_view name = "sum";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Sum&, const Sum&) = default;
};

}  // namespace evenkeel
