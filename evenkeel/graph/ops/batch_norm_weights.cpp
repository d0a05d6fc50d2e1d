// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm_weights.h"

namespace evenkeel {

// count, M2: [N,C]  weights: [N]
Types WeightMoments::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  in.require(in[0].shape.rank() == 2, "count and M2 of each sample, f64[N,C]");
  for (const std::size_t index : {0U, 1U}) in.require_type(index, DType::f64, in[0].shape);
  in.require_float(2);
  in.require_type(2, in[2].dtype, {in[0].shape[0]});
  return {in[0], in[1]};
}

// a: [N]  b: [C]
Types Outer::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 1);
  in.require_float(1, 1);
  in.require(!in[1].shape.dynamic(), "b of shape [C]");
  in.require_type(1, in[0].dtype, in[1].shape);
  return {{in[0].dtype, {in[0].shape[0], in[1].shape[0]}}};
}

}  // namespace evenkeel
