// SPDX-License-Identifier: Apache-2.0
// What a trained tensor asks for by itself, whichever the optimiser: a penalty on its size, and
// bounds that its value keeps. The State op holds the settings.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = g + l1 sign(p) + 2 l2 p: the gradient with that of l1 sum |p| + l2 sum p^2. Inputs (g, p).
struct PenaltyGrad {
  static constexpr std::string_view name = "penalty_grad";
  double l1 = 0;
  double l2 = 0;
  static constexpr auto fields =
      std::tuple{field("l1", &PenaltyGrad::l1), field("l2", &PenaltyGrad::l2)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const PenaltyGrad&, const PenaltyGrad&) = default;
};

// What an update has made of p, brought back within its bounds. With |p| the Euclidean norm of the
// whole tensor, and 1e-7 where Keras has it:
//   non_negative   0 where p < 0
//   max_norm       p clip(|p|, 0, high) / (1e-7 + |p|)
//   unit_norm      p / (1e-7 + |p|)
//   min_max_norm   p (rate clip(|p|, low, high) + (1 - rate) |p|) / (1e-7 + |p|)
struct Constrain {
  static constexpr std::string_view name = "constrain";
  Bound bound = Bound::none;
  double low = 0;
  double high = 0;
  double rate = 1;
  static constexpr auto fields =
      std::tuple{field("bound", &Constrain::bound), rare_field("low", &Constrain::low),
                 rare_field("high", &Constrain::high), rare_field("rate", &Constrain::rate)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Constrain&, const Constrain&) = default;
};

// Fail where the settings make no sense; "" where they do.
std::string penalty_fault(double l1, double l2);
std::string bound_fault(const Constrain& bound);

}  // namespace evenkeel
