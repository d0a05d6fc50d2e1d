// SPDX-License-Identifier: Apache-2.0
// The update rule of Adagrad (Duchi, Hazan & Singer 2011), as PyTorch's Adagrad.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// g <- g + l2 p;  s <- s + g^2;  p <- p - lr g / (sqrt(s) + epsilon).
// Inputs (p, s, g, lr f64[]); outputs the new p, s and nonfinite i32[B] as AdamUpdate's.
struct AdagradUpdate {
  static constexpr std::string_view name = "adagrad";
  static constexpr std::int64_t kBlock = 16384;
  double epsilon = 1e-10;
  double l2 = 0;
  static constexpr auto fields =
      std::tuple{field("epsilon", &AdagradUpdate::epsilon), rare_field("l2", &AdagradUpdate::l2)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const AdagradUpdate&, const AdagradUpdate&) = default;
};

}  // namespace evenkeel
