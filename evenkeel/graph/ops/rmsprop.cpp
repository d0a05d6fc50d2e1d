// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/rmsprop.h"

#include <cmath>

#include "evenkeel/graph/ops/update_rule.h"

namespace evenkeel {

// p, s, v, g: one shape; lr: []
Types RmspropUpdate::infer(const ShapeScope& in) const {
  const std::size_t slots = has_velocity() ? 2 : 1;
  in.require_inputs(3 + slots);
  require_fraction(in, "decay", decay);
  require_fraction(in, "momentum", momentum);
  require_not_negative(in, "l2", l2);
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    in.fail("epsilon above 0, not " + std::to_string(epsilon));
  return update_types(in, slots, kBlock);
}

}  // namespace evenkeel
