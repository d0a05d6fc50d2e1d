// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/max_pool2d.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/window.h"

namespace evenkeel {
namespace {

// {P, Q}; the windows must be few enough in size for an argmax.
Pair checked_positions(const ShapeScope& in, Pair size, Pair window, Pair stride,
                       Padding4 padding) {
  const Pair positions = pool_positions(in, size, window, stride, padding);
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  if (window[0] > kMost / window[1])
    in.fail("a window of at most 2^31 elements, not " + to_string(window));
  return positions;
}

}  // namespace

// x: [N,H,W,C]
Types MaxPool2d::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  const Shape& x = in[0].shape;
  const auto [P, Q] = checked_positions(in, {x[1], x[2]}, window, stride, padding);
  const Shape y = {x[0], P, Q, x[3]};
  return {{in[0].dtype, y}, {argmax_dtype(window), y}};
}

void MaxPool2d::gradient(GradientScope& scope) const {
  const Shape& x = scope.type(scope.input(0)).shape;
  const MaxPool2dGrad grad = {window, stride, padding, {x[1], x[2]}};
  scope.set_input_gradient(0,
                           scope.add(grad, {*scope.gradient_of_output(), scope.output(1)}, "grad"));
}

// dy: [N,P,Q,C]  argmax: [N,P,Q,C]
Types MaxPool2dGrad::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  const Shape& dy = in[0].shape;
  require_positions(in, in[0], checked_positions(in, size, window, stride, padding));
  in.require_type(1, argmax_dtype(window), dy);
  return {{in[0].dtype, {dy[0], size[0], size[1], dy[3]}}};
}

}  // namespace evenkeel
