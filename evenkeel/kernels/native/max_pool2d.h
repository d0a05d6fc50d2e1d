// SPDX-License-Identifier: Apache-2.0
// The window of max-pooling on bound shapes, as the kernels read it.
#pragma once

#include <cstdint>

#include "evenkeel/graph/ops/max_pool2d.h"

namespace evenkeel::native {

// x: [N,H,W,C], y: [N,P,Q,C], window R x S.
struct Pooling {
  std::int64_t N, H, W, C, P, Q;
  std::int64_t R, S;
  std::int64_t stride_h, stride_w;
  std::int64_t top, left;
  // 2x2 windows side by side, none over the edge.
  bool tiles_2x2;
};

// op: MaxPool2d or MaxPool2dGrad.
template <typename OpType>
Pooling pooling_of(const OpType& op, const Shape& x, const Shape& y) {
  Pooling p = {x[0],          x[1],          x[2],         x[3],         y[1],
               y[2],          op.window[0],  op.window[1], op.stride[0], op.stride[1],
               op.padding[0], op.padding[2], false};
  p.tiles_2x2 = op.window == Pair{2, 2} && op.stride == Pair{2, 2} && p.top == 0 && p.left == 0 &&
                2 * p.P <= p.H && 2 * p.Q <= p.W;
  return p;
}

}  // namespace evenkeel::native
