// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/conv2d.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/window.h"

namespace evenkeel {
namespace {

// The channels must fall apart into equal groups.
void require_groups(const ShapeScope& in, std::int64_t groups, std::int64_t C, std::int64_t K) {
  if (groups < 1 || C % groups != 0 || K % groups != 0)
    in.fail("groups that divide C = " + std::to_string(C) + " and K = " + std::to_string(K) +
            ", not " + std::to_string(groups));
}

std::string per_group(std::int64_t groups) {
  return groups == 1 ? "" : " in " + std::to_string(groups) + " groups";
}

}  // namespace

// x: [N,H,W,C]  W: [R,S,C/G,K]
Types Conv2d::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  const Shape& x = in[0].shape;
  const Shape& W = in[1].shape;
  in.require(in[0].dtype == in[1].dtype, "image and kernel of one dtype");
  in.require(!W.dynamic(), "a kernel [R,S,C,K] of known size");
  require_groups(in, groups, x[3], W[3]);
  if (x[3] / groups != W[2])
    in.fail("a kernel [R,S,C,K] for C = " + std::to_string(x[3]) + " channels" + per_group(groups));
  const Pair window = dilated(in, {W[0], W[1]}, dilation);
  const auto [P, Q] = window_positions(in, {x[1], x[2]}, window, stride, padding);
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
    scope.set_input_gradient(0, scope.add(Conv2dGradData{stride, padding, size, dilation, groups},
                                          {dy, kernel}, "grad_data"));
  if (scope.wanted(1))
    scope.set_input_gradient(
        1, scope.add(Conv2dGradKernel{stride, padding, window, dilation, groups}, {x, dy},
                     "grad_kernel"));
}

// dy: [N,P,Q,K]  W: [R,S,C/G,K]
Types Conv2dGradData::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  const Shape& dy = in[0].shape;
  const Shape& W = in[1].shape;
  in.require(in[0].dtype == in[1].dtype, "output gradient and kernel of one dtype");
  in.require(!W.dynamic(), "a kernel [R,S,C,K] of known size");
  if (dy[3] != W[3]) in.fail("a kernel [R,S,C,K] with K = " + std::to_string(dy[3]));
  if (groups < 1 || W[3] % groups != 0)
    in.fail("groups that divide K = " + std::to_string(W[3]) + ", not " + std::to_string(groups));
  const Pair window = dilated(in, {W[0], W[1]}, dilation);
  require_positions(in, in[0], window_positions(in, size, window, stride, padding));
  return {{in[0].dtype, {dy[0], size[0], size[1], W[2] * groups}}};
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
  require_groups(in, groups, x[3], dy[3]);
  const Pair window = dilated(in, kernel, dilation);
  require_positions(in, in[1], window_positions(in, {x[1], x[2]}, window, stride, padding));
  return {{in[0].dtype, {kernel[0], kernel[1], x[3] / groups, dy[3]}}};
}

}  // namespace evenkeel
