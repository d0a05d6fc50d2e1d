// SPDX-License-Identifier: Apache-2.0
// What batch norm takes for a batch in training: the attribute of the layer by which its variants
// differ. One of three, so that pairs which make no sense cannot be written.
#pragma once

#include <array>
#include <variant>
#include <vector>

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// A number that follows the updates seen: {from, to, begin, end} is `from` until `begin` updates,
// `to` from `end` on, and a straight line between.
using Ramp = std::array<double, 4>;
EVENKEEL_API double ramp_at(const Ramp& ramp, double seen);

// The whole batch; its samples may have weights.
struct WholeRule : NoFields<WholeRule> {
  static constexpr std::string_view name = "whole";
  friend bool operator==(const WholeRule&, const WholeRule&) = default;
};

// Ghost batch norm (Hoffer, Hubara & Soudry 2017, arXiv 1705.08741): each group of `size` samples
// by statistics of its own.
struct GhostRule {
  static constexpr std::string_view name = "ghost";
  std::int64_t size = 32;
  Grouping grouping = Grouping::consecutive;
  GhostStatistics statistics = GhostStatistics::merged;
  static constexpr auto fields =
      std::tuple{field("size", &GhostRule::size), field("grouping", &GhostRule::grouping),
                 field("statistics", &GhostRule::statistics)};
  friend bool operator==(const GhostRule&, const GhostRule&) = default;
};

// Batch renormalisation (Ioffe 2017, arXiv 1702.03275): y = gamma (xhat r + d) + beta, with xhat by
// the batch's own statistics. With s = sqrt(M2 / count + epsilon):
//   r = s / S' in [rmin, rmax], d = (mean - M) / S' in [-dmax, dmax]
// S' = max(S, sqrt(epsilon)) where deviations S move, sqrt(S + epsilon) where variances S do. The
// limits are those of `updates_seen` updates; r and d are constants as far as the gradient goes.
// count_weighted: before the first update, when there is nothing to correct by, r = 1 and d = 0.
struct RenormRule {
  static constexpr std::string_view name = "renorm";
  Ramp rmax = {3, 3, 0, 0};
  std::vector<double> rmin = {};  // a ramp; empty: 1 / rmax
  Ramp dmax = {5, 5, 0, 0};
  RenormMoves moves = RenormMoves::variance;
  double keep = 0;  // of the statistics that correct, for RenormMoves::deviation; 0: the layer's
  static constexpr auto fields =
      std::tuple{field("rmax", &RenormRule::rmax), rare_field("rmin", &RenormRule::rmin),
                 field("dmax", &RenormRule::dmax), field("moves", &RenormRule::moves),
                 rare_field("keep", &RenormRule::keep)};
  friend bool operator==(const RenormRule&, const RenormRule&) = default;
};

using BatchRule = std::variant<WholeRule, GhostRule, RenormRule>;
// Needs the states moving_deviation, renorm_mean, renorm_deviation.
bool moves_deviation(const BatchRule& rule);

// Throws by `in` where an attribute makes no sense.
void require_valid(const ShapeScope& in, const BatchRule& rule);

}  // namespace evenkeel
