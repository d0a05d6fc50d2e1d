// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/avg_pool2d.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/window.h"

namespace evenkeel {

// x: [N,H,W,C]
Types AvgPool2d::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  const Shape& x = in[0].shape;
  const auto [P, Q] = pool_positions(in, {x[1], x[2]}, window, stride, padding);
  return {{in[0].dtype, {x[0], P, Q, x[3]}}};
}

void AvgPool2d::gradient(GradientScope& scope) const {
  const Shape& x = scope.type(scope.input(0)).shape;
  const AvgPool2dGrad grad = {window, stride, padding, {x[1], x[2]}, count_padding};
  scope.set_input_gradient(0, scope.add(grad, {*scope.gradient_of_output()}, "grad"));
}

// dy: [N,P,Q,C]
Types AvgPool2dGrad::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  const Shape& dy = in[0].shape;
  require_positions(in, in[0], pool_positions(in, size, window, stride, padding));
  return {{in[0].dtype, {dy[0], size[0], size[1], dy[3]}}};
}

}  // namespace evenkeel
