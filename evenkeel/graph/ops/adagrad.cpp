// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/adagrad.h"

#include <cmath>

#include "evenkeel/graph/ops/update_rule.h"

namespace evenkeel {

// p, s, g: one shape; lr: []
Types AdagradUpdate::infer(const ShapeScope& in) const {
  in.require_inputs(4);
  require_not_negative(in, "l2", l2);
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    in.fail("epsilon above 0, not " + std::to_string(epsilon));
  return update_types(in, 1, kBlock);
}

}  // namespace evenkeel
