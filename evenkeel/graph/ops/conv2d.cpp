#include "evenkeel/graph/ops/conv2d.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/window.h"

namespace evenkeel {

// x: [N,H,W,C]  W: [R,S,C,K]
Types Conv2d::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  const Shape& x = in[0].shape;
  const Shape& W = in[1].shape;
  in.require(in[0].dtype == in[1].dtype, "image and kernel of one dtype");
  in.require(!W.dynamic(), "a kernel [R,S,C,K] of known size");
  if (x[3] != W[2]) in.fail("a kernel [R,S,C,K] for C = " + std::to_string(x[3]) + " channels");
  const auto [P, Q] = window_positions(in, {x[1], x[2]}, {W[0], W[1]}, stride, padding);
  return {{in[0].dtype, {x[0], P, Q, W[3]}}};
}

void Conv2d::gradient(GradientScope& scope) const {
  const Value x = scope.input(0);
  const Value kernel = scope.input(1);
  const Value dy = *scope.gradient_of_output();
  const Shape& image = scope.type(x).shape;
  const Shape& W = scope.type(kernel).shape;
  const Pair size = {image[1], image[2]};
  const Pair window = {W[0], W[1]};
  if (scope.wanted(0))
    scope.set_input_gradient(
        0, scope.add(Conv2dGradData{stride, padding, size}, {dy, kernel}, "grad_data"));
  if (scope.wanted(1))
    scope.set_input_gradient(
        1, scope.add(Conv2dGradKernel{stride, padding, window}, {x, dy}, "grad_kernel"));
}

// dy: [N,P,Q,K]  W: [R,S,C,K]
Types Conv2dGradData::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  const Shape& dy = in[0].shape;
  const Shape& W = in[1].shape;
  in.require(in[0].dtype == in[1].dtype, "output gradient and kernel of one dtype");
  in.require(!W.dynamic(), "a kernel [R,S,C,K] of known size");
  if (dy[3] != W[3]) in.fail("a kernel [R,S,C,K] with K = " + std::to_string(dy[3]));
  require_positions(in, in[0], window_positions(in, size, {W[0], W[1]}, stride, padding));
  return {{in[0].dtype, {dy[0], size[0], size[1], W[2]}}};
}

// x: [N,H,W,C]  dy: [N,P,Q,K]
Types Conv2dGradKernel::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  const Shape& x = in[0].shape;
  const Shape& dy = in[1].shape;
  in.require(in[0].dtype == in[1].dtype, "image and output gradient of one dtype");
  in.require(x[0] == dy[0], "image and output gradient of one batch size");
  require_positions(in, in[1], window_positions(in, {x[1], x[2]}, kernel, stride, padding));
  return {{in[0].dtype, {kernel[0], kernel[1], x[3], dy[3]}}};
}

}  // namespace evenkeel
