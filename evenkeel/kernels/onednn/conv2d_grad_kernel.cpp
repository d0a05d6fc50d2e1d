// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/convolution.h"

namespace evenkeel::onednn {

// x: [N,H,W,C], dy: [N,P,Q,K] -> dW: [R,S,C,K] packed.
std::optional<Recipe> conv2d_grad_kernel(const Call& call) {
  const auto& op = std::get<Conv2dGradKernel>(call.op);
  const Convolution c(op, call.inputs[0], call.outputs[0], call.inputs[1]);
  const auto attributes = strict_attributes();
  const dnnl::convolution_backward_weights::primitive_desc primitive(
      cpu_engine(), dnnl::algorithm::convolution_direct, c.x, c.kernel, c.y, c.window.stride,
      c.dilation, c.window.before, c.window.after, c.forward({}, attributes), attributes);
  const auto kernel_type = in_form(call.outputs[0], primitive.diff_weights_desc(), c.groups);
  if (!kernel_type) return std::nullopt;

  Recipe recipe = recipe_of(call, primitive);
  recipe.needs.outputs[0] = *kernel_type;
  recipe.operands = {{DNNL_ARG_SRC, c.x, Source::input, 0},
                     {DNNL_ARG_DIFF_DST, c.y, Source::input, 1},
                     {DNNL_ARG_DIFF_WEIGHTS, primitive.diff_weights_desc(), Source::output, 0}};
  return recipe;
}

}  // namespace evenkeel::onednn
