// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/sgd.h"

#include "evenkeel/graph/ops/update_rule.h"

namespace evenkeel {

// p, v, g: one shape; lr: []
Types SgdUpdate::infer(const ShapeScope& in) const {
  const std::size_t slots = has_velocity() ? 1 : 0;
  in.require_inputs(3 + slots);
  require_fraction(in, "momentum", momentum);
  require_not_negative(in, "l2", l2);
  if (nesterov && !has_velocity()) in.fail("a momentum above 0 for nesterov");
  return update_types(in, slots, kBlock);
}

}  // namespace evenkeel
