// SPDX-License-Identifier: Apache-2.0
// The update rule of Adam (Kingma & Ba 2015, arXiv 1412.6980).
#pragma once

#include <array>

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Inputs (p, m, v, g, lr f64[], step i64[] = completed steps, so t = step + 1); outputs the new p,
// m, v, with g <- g + l2 p, p <- p - lr decay p (AdamW: Loshchilov & Hutter 2019), then m <- beta1
// m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2, and nonfinite i32[B]: how many gradients were
// not finite in each block of kBlock elements.
struct AdamUpdate {
  static constexpr std::string_view name = "adam";
  static constexpr std::int64_t kBlock = 16384;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  AdamForm form = AdamForm::tensorflow;
  double l2 = 0;     // added to the loss's gradient
  double decay = 0;  // decoupled from it
  static constexpr auto fields =
      std::tuple{field("beta1", &AdamUpdate::beta1),     field("beta2", &AdamUpdate::beta2),
                 field("epsilon", &AdamUpdate::epsilon), field("form", &AdamUpdate::form),
                 rare_field("l2", &AdamUpdate::l2),      rare_field("decay", &AdamUpdate::decay)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const AdamUpdate&, const AdamUpdate&) = default;
};

}  // namespace evenkeel
