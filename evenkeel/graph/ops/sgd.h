// SPDX-License-Identifier: Apache-2.0
// The update rule of stochastic gradient descent with momentum, as PyTorch's SGD.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// g <- g + l2 p;  v <- momentum v + g;  p <- p - lr (nesterov ? g + momentum v : v).
// Inputs (p, v, g, lr f64[]); outputs the new p, v and nonfinite i32[B] as AdamUpdate's. With
// momentum 0 there is no v: inputs (p, g, lr), outputs p, nonfinite.
struct SgdUpdate {
  static constexpr std::string_view name = "sgd";
  static constexpr std::int64_t kBlock = 16384;
  double momentum = 0;  // in [0,1)
  bool nesterov = false;
  double l2 = 0;
  static constexpr auto fields =
      std::tuple{field("momentum", &SgdUpdate::momentum), field("nesterov", &SgdUpdate::nesterov),
                 rare_field("l2", &SgdUpdate::l2)};
  bool has_velocity() const { return momentum != 0; }
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SgdUpdate&, const SgdUpdate&) = default;
};

}  // namespace evenkeel
