// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/relu.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

Types Relu::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  return {{in[0].dtype, in[0].shape}};
}

void Relu::gradient(GradientScope& scope) const {
  scope.set_input_gradient(
      0, scope.add(ReluGrad{}, {*scope.gradient_of_output(), scope.output()}, "grad"));
}

Types ReluGrad::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require_same(0, 1);
  return {{in[0].dtype, in[0].shape}};
}

}  // namespace evenkeel
