// SPDX-License-Identifier: Apache-2.0
// The update rule of RMSprop (Tieleman & Hinton 2012, lecture 6.5), as PyTorch's RMSprop.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// g <- g + l2 p;  s <- decay s + (1 - decay) g^2;  u = g / (sqrt(s) + epsilon);
// momentum 0: p <- p - lr u; else v <- momentum v + u, p <- p - lr v.
// Inputs (p, s, g, lr f64[]) or (p, s, v, g, lr); outputs the new p, s (, v) and nonfinite i32[B]
// as AdamUpdate's.
struct RmspropUpdate {
  static constexpr std::string_view name = "rmsprop";
  static constexpr std::int64_t kBlock = 16384;
  double decay = 0.99;  // of the squares, in [0,1)
  double epsilon = 1e-8;
  double momentum = 0;  // in [0,1)
  double l2 = 0;
  static constexpr auto fields =
      std::tuple{field("decay", &RmspropUpdate::decay), field("epsilon", &RmspropUpdate::epsilon),
                 field("momentum", &RmspropUpdate::momentum), rare_field("l2", &RmspropUpdate::l2)};
  bool has_velocity() const { return momentum != 0; }
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const RmspropUpdate&, const RmspropUpdate&) = default;
};

}  // namespace evenkeel
