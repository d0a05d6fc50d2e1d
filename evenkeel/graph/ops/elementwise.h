// SPDX-License-Identifier: Apache-2.0
// Element by element: arithmetic, limits, and counting on.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = factor * x, as `dtype` (f32 or f64). x: u8, f32 or f64 of any shape.
struct Scale {
  static constexpr std::string_view name = "scale";
  double factor = 1;
  DType dtype = DType::f32;
  static constexpr auto fields =
      std::tuple{field("factor", &Scale::factor), field("dtype", &Scale::dtype)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Scale&, const Scale&) = default;
};

// y = a + b, of one shape.
struct Add : NoFields<Add> {
  static constexpr std::string_view name = "add";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Add&, const Add&) = default;
};

// y = a * b element by element, of one shape.
struct Multiply : NoFields<Multiply> {
  static constexpr std::string_view name = "multiply";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Multiply&, const Multiply&) = default;
};

// y = a / b, of one shape.
struct Divide : NoFields<Divide> {
  static constexpr std::string_view name = "divide";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Divide&, const Divide&) = default;
};

// y = a - b, as `dtype`, of one shape; a, b: f32 or f64 each. The difference is taken in f64.
struct Difference {
  static constexpr std::string_view name = "difference";
  DType dtype = DType::f32;
  static constexpr auto fields = std::tuple{rare_field("dtype", &Difference::dtype)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Difference&, const Difference&) = default;
};

// y = min(max(x, low), high) for low <= high; low and high: [] of x's dtype. NaN stays NaN.
struct Clamp : NoFields<Clamp> {
  static constexpr std::string_view name = "clamp";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Clamp&, const Clamp&) = default;
};

// y = x, a constant as far as gradients go.
struct StopGradient : NoFields<StopGradient> {
  static constexpr std::string_view name = "stop_gradient";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope&) const {}
  friend bool operator==(const StopGradient&, const StopGradient&) = default;
};

// y = x * v[i] with i the index along `axis` (0 = first, -1 = last); v: [extent of the axis], or []
// for one factor everywhere. Differentiable by x, and by v along the last axis.
struct ScaleAxis {
  static constexpr std::string_view name = "scale_axis";
  std::int64_t axis = 0;
  static constexpr auto fields = std::tuple{field("axis", &ScaleAxis::axis)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const ScaleAxis&, const ScaleAxis&) = default;
};

// y = x + 1 for a counter, i64.
struct Increment : NoFields<Increment> {
  static constexpr std::string_view name = "increment";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Increment&, const Increment&) = default;
};

}  // namespace evenkeel
