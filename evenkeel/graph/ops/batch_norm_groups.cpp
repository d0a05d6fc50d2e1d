// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm_groups.h"

#include "evenkeel/graph/ops/batch_norm_rule.h"

namespace evenkeel {
namespace {

// count, mean, M2: [N,C]
void require_each_sample(const ShapeScope& in) {
  in.require_inputs(3);
  in.require_float(1, 2);
  require_moments(in, 0, in[1].shape);
}

}  // namespace

Types GroupMoments::infer(const ShapeScope& in) const {
  require_each_sample(in);
  require_groups(in, size, in[0].shape[0]);
  return moments_of(in[1].shape);
}

// [N,C]
Types GroupSums::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 2);
  require_groups(in, size, in[0].shape[0]);
  return {{in[0].dtype, in[0].shape}};
}

Types MeanMoments::infer(const ShapeScope& in) const {
  require_each_sample(in);
  return moments_of({in[1].shape.back()});
}

}  // namespace evenkeel
