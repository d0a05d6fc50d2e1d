// SPDX-License-Identifier: Apache-2.0
// The kernel's gradient of a convolution with max-pooling behind it, without the map between them.
#pragma once

#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/ops/max_pool2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// dW: [R,S,C,K] from (x: [N,H,W,C], dy: [N,I,J,K], argmax: [N,I,J,K] of a pooling of [N,P,Q,K])
//   = conv()(x, unpool()(dy, argmax)), where x is finite.
// Of the unpooled gradient all but one place of each window is 0, and adds nothing to the sum.
struct UnpooledConv2dGradKernel {
  static constexpr std::string_view name = "unpooled_conv2d_grad_kernel";
  Pair stride = {1, 1};
  Padding4 padding = {0, 0, 0, 0};
  Pair kernel = {0, 0};
  Pair window = {2, 2};
  Pair window_stride = {2, 2};
  Padding4 window_padding = {0, 0, 0, 0};
  Pair size = {0, 0};  // {P, Q}
  static constexpr auto fields =
      std::tuple{field("stride", &UnpooledConv2dGradKernel::stride),
                 field("padding", &UnpooledConv2dGradKernel::padding),
                 field("kernel", &UnpooledConv2dGradKernel::kernel),
                 field("window", &UnpooledConv2dGradKernel::window),
                 field("window_stride", &UnpooledConv2dGradKernel::window_stride),
                 field("window_padding", &UnpooledConv2dGradKernel::window_padding),
                 field("size", &UnpooledConv2dGradKernel::size)};
  Conv2dGradKernel conv() const { return {stride, padding, kernel}; }
  MaxPool2dGrad unpool() const { return {window, window_stride, window_padding, size}; }
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const UnpooledConv2dGradKernel&,
                         const UnpooledConv2dGradKernel&) = default;
};

}  // namespace evenkeel
