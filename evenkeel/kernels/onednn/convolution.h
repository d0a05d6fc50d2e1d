// SPDX-License-Identifier: Apache-2.0
// What oneDNN's three convolutions have in common.
#pragma once

#include "evenkeel/kernels/onednn/engine.h"
#include "evenkeel/kernels/onednn/recipe.h"

namespace evenkeel::onednn {

struct Window {
  dnnl::memory::dims stride;
  dnnl::memory::dims before;  // top, left
  dnnl::memory::dims after;   // bottom, right, as far as the last window reaches; may be negative
};

// x: [N,H,W,C] or so, y: [N,P,Q,..], windows of size {R, S}.
inline Window window_of(Pair stride, Padding4 padding, Pair size, const Shape& x, const Shape& y) {
  return {{stride[0], stride[1]},
          {padding[0], padding[2]},
          {(y[1] - 1) * stride[0] + size[0] - x[1] - padding[0],
           (y[2] - 1) * stride[1] + size[1] - x[2] - padding[2]}};
}

// x: [N,H,W,C], W: [R,S,C/G,K], y: [N,P,Q,K], with the kernel in any form.
struct Convolution {
  Memory x, kernel, y;
  Window window;
  dnnl::memory::dims dilation;  // oneDNN counts the gap between two taps
  std::int64_t groups;

  template <typename OpType>
  Convolution(const OpType& op, const ValueType& x_type, const ValueType& kernel_type,
              const ValueType& y_type)
      : x(image(x_type)),
        kernel(any_kernel(kernel_type, op.groups)),
        y(image(y_type)),
        window(window_of(op.stride, op.padding,
                         {(kernel_type.shape[0] - 1) * op.dilation[0] + 1,
                          (kernel_type.shape[1] - 1) * op.dilation[1] + 1},
                         x_type.shape, y_type.shape)),
        dilation{op.dilation[0] - 1, op.dilation[1] - 1},
        groups(op.groups) {}

  // `bias` may be empty. Also what the two gradients take as a hint.
  dnnl::convolution_forward::primitive_desc forward(const Memory& bias,
                                                    const dnnl::primitive_attr& attributes) const {
    const auto kind = dnnl::prop_kind::forward_training;
    const auto direct = dnnl::algorithm::convolution_direct;
    const Window& w = window;
    if (bias.is_zero())
      return {cpu_engine(), kind,     direct,   x,       kernel,    y,
              w.stride,     dilation, w.before, w.after, attributes};
    return {cpu_engine(), kind,     direct,   x,       kernel,    bias, y,
            w.stride,     dilation, w.before, w.after, attributes};
  }
};

}  // namespace evenkeel::onednn
