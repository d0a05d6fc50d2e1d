// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/bias_add.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// x: [..,K]  b: [K]
Types BiasAdd::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require(in[0].shape.rank() >= 1 && in[0].shape.back() != kBatch, "x of shape [..,K]");
  in.require_type(1, in[0].dtype, {in[0].shape.back()});
  return {{in[0].dtype, in[0].shape}};
}

void BiasAdd::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  scope.set_input_gradient(0, dy);
  if (scope.wanted(1)) scope.set_input_gradient(1, scope.add(BiasGrad{}, {dy}, "grad_bias"));
}

// dy: [..,K]
Types BiasGrad::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  in.require(in[0].shape.rank() >= 1 && in[0].shape.back() != kBatch, "dy of shape [..,K]");
  return {{in[0].dtype, {in[0].shape.back()}}};
}

}  // namespace evenkeel
