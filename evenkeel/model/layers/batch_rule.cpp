// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers/batch_rule.h"

namespace evenkeel::layers {
namespace {

Ramp ramp_of(const RenormLimit& limit) {
  return {limit.from(), limit.to(), static_cast<double>(limit.begin()),
          static_cast<double>(limit.end())};
}

struct ToRule {
  BatchRule operator()(const WholeBatch&) const { return WholeRule{}; }
  BatchRule operator()(const Ghost& ghost) const {
    return GhostRule{ghost.size, ghost.grouping, ghost.statistics};
  }
  BatchRule operator()(const Renorm& renorm) const {
    RenormRule rule{ramp_of(renorm.rmax), {}, ramp_of(renorm.dmax), renorm.moves};
    if (renorm.rmin) {
      const Ramp rmin = ramp_of(*renorm.rmin);
      rule.rmin.assign(rmin.begin(), rmin.end());
    }
    if (renorm.decay) rule.keep = renorm.decay->kept();
    return rule;
  }
};

}  // namespace

BatchRule rule_of(const BatchKind& kind) { return std::visit(ToRule{}, kind); }

}  // namespace evenkeel::layers
