// SPDX-License-Identifier: Apache-2.0
// Batch renormalisation (Ioffe 2017, arXiv 1702.03275): y = gamma (xhat r + d) + beta, with xhat by
// the batch's own statistics, and r and d constants as far as the gradient goes.
#pragma once

#include <vector>

#include "evenkeel/graph/ops/batch_rule.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Inputs (count, mean, M2, M[C], S[C], updates_seen i64[]). With s = sqrt(M2 / count + epsilon):
//   r = s / S' in [rmin, rmax], d = (mean - M) / S' in [-dmax, dmax]
// S' = max(S, sqrt(epsilon)) where deviations move, sqrt(S + epsilon) where variances do. The
// limits are those of `updates_seen` updates. count_weighted: before the first update, when there
// is nothing to correct by, r = 1 and d = 0.
struct RenormCorrection {
  static constexpr std::string_view name = "renorm_correction";
  double epsilon = 1e-3;
  Ramp rmax = {3, 3, 0, 0};
  std::vector<double> rmin = {};
  Ramp dmax = {5, 5, 0, 0};
  RenormMoves moves = RenormMoves::variance;
  bool count_weighted = true;
  static constexpr auto fields =
      std::tuple{field("epsilon", &RenormCorrection::epsilon),
                 field("rmax", &RenormCorrection::rmax),
                 rare_field("rmin", &RenormCorrection::rmin),
                 field("dmax", &RenormCorrection::dmax),
                 field("moves", &RenormCorrection::moves),
                 field("count_weighted", &RenormCorrection::count_weighted)};
  Types infer(const ShapeScope& in) const;
  // None, by definition.
  void gradient(GradientScope&) const {}
  friend bool operator==(const RenormCorrection&, const RenormCorrection&) = default;
};

// Inputs (moving_mean, deviation, updates_seen, count, mean, M2) -> the new mean, the new
// deviation, which takes in sqrt(variance + epsilon), and max(deviation^2 - epsilon, 0), a variance
// again. By BatchNorm's rule.
struct UpdateDeviation {
  static constexpr std::string_view name = "update_deviation";
  double keep = 0.9;
  bool count_weighted = true;
  MovingVariance variance = MovingVariance::population;
  double epsilon = 1e-3;
  static constexpr auto fields = std::tuple{
      field("keep", &UpdateDeviation::keep),
      field("count_weighted", &UpdateDeviation::count_weighted),
      field("variance", &UpdateDeviation::variance), field("epsilon", &UpdateDeviation::epsilon)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const UpdateDeviation&, const UpdateDeviation&) = default;
};

}  // namespace evenkeel
