// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/unpooled_conv2d.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

Types UnpooledConv2dGradKernel::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  const std::vector<ValueType> pooled = {in[1], in[2]};
  const Types unpooled = unpool().infer(in.of(MaxPool2dGrad::name, pooled));
  const std::vector<ValueType> operands = {in[0], unpooled[0]};
  return conv().infer(in.of(Conv2dGradKernel::name, operands));
}

}  // namespace evenkeel
