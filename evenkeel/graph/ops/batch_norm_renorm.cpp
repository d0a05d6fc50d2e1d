// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm_renorm.h"

#include "evenkeel/graph/ops/batch_norm_rule.h"

namespace evenkeel {

// count, mean, M2, M, S: [C]  updates_seen: []
Types RenormCorrection::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  in.require_float(3, 1);
  in.require(!in[3].shape.dynamic(), "M of shape [C]");
  in.require_same(3, 4);
  require_moments(in, 0, in[3].shape);
  in.require_type(5, DType::i64, {});
  require_epsilon(in, epsilon);
  require_valid_limits(in, rmax, rmin, dmax);
  const ValueType each = {in[3].dtype, in[3].shape};
  return {each, each};
}

// moving_mean, deviation: [C]  updates_seen: []  count, mean, M2: [C]
Types UpdateDeviation::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  in.require_float(0, 1);
  in.require(!in[0].shape.dynamic(), "moving_mean of shape [C]");
  in.require_same(0, 1);
  in.require_type(2, DType::i64, {});
  require_moments(in, 3, in[0].shape);
  require_keep(in, keep, count_weighted);
  require_epsilon(in, epsilon);
  const ValueType each = {in[0].dtype, in[0].shape};
  return {each, each, each};
}

}  // namespace evenkeel
