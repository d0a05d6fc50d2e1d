// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_rule.h"

#include <algorithm>
#include <cmath>

namespace evenkeel {
namespace {

std::string text_of(const Ramp& ramp) {
  if (ramp[0] == ramp[1]) return std::to_string(ramp[0]);
  return std::to_string(ramp[0]) + " to " + std::to_string(ramp[1]);
}

// Both ends in [least, most], over a stretch of updates that is one.
void require_ramp(const ShapeScope& in, const std::string& what, const Ramp& ramp, double least,
                  double most, const std::string& range) {
  const auto inside = [&](double value) { return value >= least && value <= most; };
  if (!inside(ramp[0]) || !inside(ramp[1])) in.fail(what + " " + range + ", not " + text_of(ramp));
  const bool moves = ramp[0] != ramp[1];
  if (!(ramp[2] >= 0 && (moves ? ramp[3] > ramp[2] : ramp[3] >= ramp[2])) ||
      !std::isfinite(ramp[3]))
    in.fail(what + " that changes from `begin` updates to later `end` updates, not from " +
            std::to_string(ramp[2]) + " to " + std::to_string(ramp[3]));
  if (moves && !(std::isfinite(ramp[0]) && std::isfinite(ramp[1])))
    in.fail(what + " of finite ends where it changes, not " + text_of(ramp));
}

void require_valid_limits(const ShapeScope& in, const RenormRule& renorm) {
  require_ramp(in, "rmax", renorm.rmax, 1, HUGE_VAL, "of at least 1");
  require_ramp(in, "dmax", renorm.dmax, 0, HUGE_VAL, "of at least 0");
  const std::vector<double>& rmin = renorm.rmin;
  if (rmin.empty()) return;
  in.require(rmin.size() == 4, "rmin as a ramp of four numbers, or none");
  require_ramp(in, "rmin", {rmin[0], rmin[1], rmin[2], rmin[3]}, 0, 1, "from 0 to 1");
}

struct Check {
  const ShapeScope& in;
  void operator()(const WholeRule&) const {}
  void operator()(const GhostRule& ghost) const {
    if (ghost.size < 1) in.fail("groups of at least 1 sample, not " + std::to_string(ghost.size));
  }
  void operator()(const RenormRule& renorm) const {
    require_valid_limits(in, renorm);
    if (renorm.keep == 0) return;
    if (!(renorm.keep > 0 && renorm.keep < 1))
      in.fail("a renorm keep between 0 and 1, both excluded, not " + std::to_string(renorm.keep));
    if (renorm.moves == RenormMoves::variance)
      in.fail(
          "a decay of its own for renorm that moves deviation alone: by variance, the moving "
          "statistics themselves correct");
  }
};

}  // namespace

double ramp_at(const Ramp& ramp, double seen) {
  if (seen <= ramp[2] && ramp[3] > ramp[2]) return ramp[0];
  if (seen >= ramp[3]) return ramp[1];
  return ramp[0] + (ramp[1] - ramp[0]) * (seen - ramp[2]) / (ramp[3] - ramp[2]);
}

bool moves_deviation(const BatchRule& rule) {
  const auto* renorm = std::get_if<RenormRule>(&rule);
  return renorm != nullptr && renorm->moves == RenormMoves::deviation;
}

void require_valid(const ShapeScope& in, const BatchRule& rule) { std::visit(Check{in}, rule); }

}  // namespace evenkeel
