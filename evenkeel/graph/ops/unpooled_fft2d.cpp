// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/unpooled_fft2d.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

Types UnpooledFft2d::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  const std::vector<ValueType> pooled = {in[0], in[1]};
  const Types unpooled = unpool().infer(in.of(MaxPool2dGrad::name, pooled));
  return fft().infer(in.of(Fft2d::name, unpooled));
}

}  // namespace evenkeel
