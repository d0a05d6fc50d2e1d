// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/adam.h"

#include <cmath>

#include "evenkeel/graph/ops/update_rule.h"

namespace evenkeel {

// p, m, v, g: one shape; lr, step: []
Types AdamUpdate::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  in.require_float(0);
  in.require(!in[0].shape.dynamic(), "a parameter of known size");
  for (std::size_t index = 1; index <= 3; ++index) in.require_same(0, index);
  in.require_type(4, DType::f64, {});
  in.require_type(5, DType::i64, {});
  for (const double beta : {beta1, beta2})
    if (!(beta >= 0 && beta < 1)) in.fail("betas in [0,1), not " + std::to_string(beta));
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    in.fail("epsilon above 0, not " + std::to_string(epsilon));
  require_not_negative(in, "l2", l2);
  require_not_negative(in, "decay", decay);
  const ValueType same = {in[0].dtype, in[0].shape};
  const std::int64_t blocks = (in[0].shape.elements() + kBlock - 1) / kBlock;
  return {same, same, same, {DType::i32, {blocks}}};
}

}  // namespace evenkeel
