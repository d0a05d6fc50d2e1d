// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/pooling.h"

namespace evenkeel::onednn {

// dy: [N,P,Q,C], argmax: u8[N,P,Q,C] -> dx: [N,H,W,C].
std::optional<Recipe> max_pool2d_grad(const Call& call) {
  const auto& op = std::get<MaxPool2dGrad>(call.op);
  const Pooling pooling(op, call.outputs[0], call.inputs[0]);
  const auto forward = pooling.forward();
  if (!pooling.argmax_is_workspace(forward)) return std::nullopt;
  const Window& w = pooling.window;
  const dnnl::memory::dims undilated = {0, 0};
  const dnnl::pooling_backward::primitive_desc primitive(
      cpu_engine(), dnnl::algorithm::pooling_max, pooling.x, pooling.y, w.stride, pooling.size,
      undilated, w.before, w.after, forward, strict_attributes());

  Recipe recipe = recipe_of(call, primitive);
  recipe.operands = {{DNNL_ARG_DIFF_DST, pooling.y, Source::input, 0},
                     {DNNL_ARG_WORKSPACE, forward.workspace_desc(), Source::input, 1},
                     {DNNL_ARG_DIFF_SRC, pooling.x, Source::output, 0}};
  return recipe;
}

}  // namespace evenkeel::onednn
