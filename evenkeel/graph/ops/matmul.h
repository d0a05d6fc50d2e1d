// SPDX-License-Identifier: Apache-2.0
// Matrix product.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y: [M,K] = op(a) op(b), op transposing where its flag says so; a: [M,C], b: [C,K] otherwise.
// A factor in bf16 is widened to the other's dtype, or both to f32, which y then has.
struct MatMul {
  static constexpr std::string_view name = "matmul";
  bool transpose_a = false;
  bool transpose_b = false;
  static constexpr auto fields = std::tuple{field("transpose_a", &MatMul::transpose_a),
                                            field("transpose_b", &MatMul::transpose_b)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const MatMul&, const MatMul&) = default;
};

}  // namespace evenkeel
