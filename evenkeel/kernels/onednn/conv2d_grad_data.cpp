// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/convolution.h"

namespace evenkeel::onednn {

// dy: [N,P,Q,K], W: [R,S,C,K] packed -> dx: [N,H,W,C].
std::optional<Recipe> conv2d_grad_data(const Call& call) {
  const auto& op = std::get<Conv2dGradData>(call.op);
  const Convolution c(op, call.outputs[0], call.inputs[1], call.inputs[0]);
  const auto attributes = strict_attributes();
  const dnnl::convolution_backward_data::primitive_desc primitive(
      cpu_engine(), dnnl::algorithm::convolution_direct, c.x, c.kernel, c.y, c.window.stride,
      c.dilation, c.window.before, c.window.after, c.forward({}, attributes), attributes);
  const auto kernel_type = in_form(call.inputs[1], primitive.weights_desc(), c.groups);
  if (!kernel_type) return std::nullopt;

  Recipe recipe = recipe_of(call, primitive);
  recipe.needs.inputs[1] = *kernel_type;
  recipe.operands = {{DNNL_ARG_DIFF_DST, c.y, Source::input, 0},
                     {DNNL_ARG_WEIGHTS, primitive.weights_desc(), Source::input, 1},
                     {DNNL_ARG_DIFF_SRC, c.x, Source::output, 0}};
  return recipe;
}

}  // namespace evenkeel::onednn
