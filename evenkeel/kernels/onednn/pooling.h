// SPDX-License-Identifier: Apache-2.0
// What oneDNN's two poolings have in common.
#pragma once

#include "evenkeel/kernels/onednn/convolution.h"

namespace evenkeel::onednn {

// x: [N,H,W,C] -> y: [N,P,Q,C], windows of `size` R x S.
struct Pooling {
  Memory x, y;
  dnnl::memory::dims size;
  Window window;

  template <typename OpType>
  Pooling(const OpType& op, const ValueType& x_type, const ValueType& y_type)
      : x(image(x_type)),
        y(image(y_type)),
        size{op.window[0], op.window[1]},
        window(window_of(op.stride, op.padding, op.window, x_type.shape, y_type.shape)) {}

  dnnl::pooling_forward::primitive_desc forward() const {
    const dnnl::memory::dims undilated = {0, 0};
    return {cpu_engine(),
            dnnl::prop_kind::forward_training,
            dnnl::algorithm::pooling_max,
            x,
            y,
            window.stride,
            size,
            undilated,
            window.before,
            window.after,
            strict_attributes()};
  }

  // True where oneDNN's workspace is our argmax: u8, dense NHWC (its values are r*S + s).
  bool argmax_is_workspace(const dnnl::pooling_forward::primitive_desc& primitive) const {
    const Memory argmax(y.get_dims(), dnnl::memory::data_type::u8, dnnl::memory::format_tag::nhwc);
    return primitive.workspace_desc() == argmax;
  }
};

}  // namespace evenkeel::onednn
