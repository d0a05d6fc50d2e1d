// SPDX-License-Identifier: Apache-2.0
// The same numbers in another precision.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// x -> y of the same shape in `dtype`: f32, f64 or bf16, as x is. Each number becomes the nearest
// one, of two equally near the even one; from f64 to bf16 by way of f32. Without a gradient: plans
// alone have it.
struct Cast {
  static constexpr std::string_view name = "cast";
  DType dtype = DType::f32;
  static constexpr auto fields = std::tuple{field("dtype", &Cast::dtype)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Cast&, const Cast&) = default;
};

}  // namespace evenkeel
