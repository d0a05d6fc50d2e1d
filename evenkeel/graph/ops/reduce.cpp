// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/reduce.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

Types Mean::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  return {{in[0].dtype, {}}};
}

void Mean::gradient(GradientScope& scope) const {
  scope.set_input_gradient(
      0, scope.add(MeanGrad{}, {*scope.gradient_of_output(), scope.input(0)}, "grad"));
}

Types MeanGrad::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(1);
  in.require_type(0, in[1].dtype, {});
  return {{in[1].dtype, in[1].shape}};
}

Types Sum::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_type(0, DType::i32, in[0].shape);
  return {{DType::i32, {}}};
}

}  // namespace evenkeel
