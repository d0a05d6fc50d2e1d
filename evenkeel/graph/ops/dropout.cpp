// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/dropout.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

void require_rate(const ShapeScope& in, double rate) {
  if (!(rate >= 0 && rate < 1)) in.fail("a rate in [0,1), not " + std::to_string(rate));
}

}  // namespace

// x: [N,..]
Types Dropout::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  in.require(in[0].shape.rank() >= 1, "x of shape [N,..]");
  require_rate(in, rate);
  return {{in[0].dtype, in[0].shape}};
}

// x: [N,..]  seed, step: []  samples: [N]
Types DropoutApply::infer(const ShapeScope& in) const {
  in.require_inputs(4);
  in.require_float(0);
  in.require(in[0].shape.rank() >= 1, "x of shape [N,..]");
  in.require_type(1, DType::i64, {});
  in.require_type(2, DType::i64, {});
  in.require_type(3, DType::i64, {in[0].shape[0]});
  require_rate(in, rate);
  return {{in[0].dtype, in[0].shape}};
}

void DropoutApply::gradient(GradientScope& scope) const {
  scope.set_input_gradient(
      0, scope.add(*this,
                   {*scope.gradient_of_output(), scope.input(1), scope.input(2), scope.input(3)},
                   "grad"));
}

}  // namespace evenkeel
