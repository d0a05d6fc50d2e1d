// SPDX-License-Identifier: Apache-2.0
// Two-dimensional convolution (cross-correlation, as everybody calls it) and its two gradients.
#pragma once

#include <array>

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// x: [N,H,W,C]  W: [R,S,C/G,K]  y: [N,P,Q,K], with
// P = (H + top + bottom - (R - 1) dilation - 1) / stride + 1 (floor).
// y[n,p,q,k] = sum_{r,s,c} x[n, p*stride - top + r*dilation, q*stride - left + s*dilation, g C/G +
// c]
//              W[r,s,c,k]
// G groups: output channel k reads the channels of its group g = k / (K/G) alone; G = C is
// depthwise.
struct Conv2d {
  static constexpr std::string_view name = "conv2d";
  Pair stride = {1, 1};
  Padding4 padding = {0, 0, 0, 0};
  Pair dilation = {1, 1};
  std::int64_t groups = 1;
  static constexpr auto fields =
      std::tuple{field("stride", &Conv2d::stride), field("padding", &Conv2d::padding),
                 rare_field("dilation", &Conv2d::dilation), rare_field("groups", &Conv2d::groups)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Conv2d&, const Conv2d&) = default;
};

// dx: [N,H,W,C] from (dy: [N,P,Q,K], W: [R,S,C/G,K]); `size` = {H, W}, which dy does not tell.
struct Conv2dGradData {
  static constexpr std::string_view name = "conv2d_grad_data";
  Pair stride = {1, 1};
  Padding4 padding = {0, 0, 0, 0};
  Pair size = {0, 0};
  Pair dilation = {1, 1};
  std::int64_t groups = 1;
  static constexpr auto fields = std::tuple{
      field("stride", &Conv2dGradData::stride), field("padding", &Conv2dGradData::padding),
      field("size", &Conv2dGradData::size), rare_field("dilation", &Conv2dGradData::dilation),
      rare_field("groups", &Conv2dGradData::groups)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Conv2dGradData&, const Conv2dGradData&) = default;
};

// dW: [R,S,C/G,K] from (x: [N,H,W,C], dy: [N,P,Q,K]); `kernel` = {R, S}.
struct Conv2dGradKernel {
  static constexpr std::string_view name = "conv2d_grad_kernel";
  Pair stride = {1, 1};
  Padding4 padding = {0, 0, 0, 0};
  Pair kernel = {0, 0};
  Pair dilation = {1, 1};
  std::int64_t groups = 1;
  static constexpr auto fields = std::tuple{field("stride", &Conv2dGradKernel::stride),
                                            field("padding", &Conv2dGradKernel::padding),
                                            field("kernel", &Conv2dGradKernel::kernel),
                                            rare_field("dilation", &Conv2dGradKernel::dilation),
                                            rare_field("groups", &Conv2dGradKernel::groups)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Conv2dGradKernel&, const Conv2dGradKernel&) = default;
};

}  // namespace evenkeel
