#include "evenkeel/graph/ops/max_pool2d.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/window.h"

namespace evenkeel {
namespace {

// {P, Q}; every window must hold at least one element of the image, or it has no maximum.
Pair pool_positions(const ShapeScope& in, Pair size, Pair window, Pair stride, Padding4 padding) {
  const Pair positions = window_positions(in, size, window, stride, padding);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t before = padding[2 * axis];
    const std::int64_t last = (positions[axis] - 1) * stride[axis] - before;
    if (before >= window[axis] || last >= size[axis])
      in.fail("each window " + to_string(window) + " to meet the image, not only its padding");
  }
  if (window[0] > 256 || window[1] > 256 || window[0] * window[1] > 256)
    in.fail("a window of at most 256 elements, not " + to_string(window));
  return positions;
}

}  // namespace

// x: [N,H,W,C]
Types MaxPool2d::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  const Shape& x = in[0].shape;
  const auto [P, Q] = pool_positions(in, {x[1], x[2]}, window, stride, padding);
  const Shape y = {x[0], P, Q, x[3]};
  return {{in[0].dtype, y}, {DType::u8, y}};
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
  in.require_type(1, DType::u8, dy);
  require_positions(in, in[0], pool_positions(in, size, window, stride, padding));
  return {{in[0].dtype, {dy[0], size[0], size[1], dy[3]}}};
}

}  // namespace evenkeel
