// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/convolution.h"

namespace evenkeel::onednn {

// x: [N,H,W,C], W: [R,S,C,K] packed, b: [K] -> y: [N,P,Q,K].
std::optional<Recipe> conv2d(const Call& call, const Conv2d& op, Epilogue epilogue) {
  const Types& in = call.inputs;
  const Convolution convolution(op, in[0], in[1], call.outputs[0]);
  const Memory bias = epilogue.bias ? vector(in[2]) : Memory();
  const auto primitive = convolution.forward(bias, attributes_for(epilogue));
  const auto kernel_type = in_form(in[1], primitive.weights_desc(), convolution.groups);
  if (!kernel_type) return std::nullopt;

  Recipe recipe = recipe_of(call, primitive);
  recipe.needs.inputs[1] = *kernel_type;
  recipe.operands = {{DNNL_ARG_SRC, convolution.x, Source::input, 0},
                     {DNNL_ARG_WEIGHTS, primitive.weights_desc(), Source::input, 1},
                     {DNNL_ARG_DST, convolution.y, Source::output, 0}};
  if (epilogue.bias) recipe.operands.push_back({DNNL_ARG_BIAS, bias, Source::input, 2});
  if (epilogue.relu) recipe.operands.push_back(relu_operand(4));
  return recipe;
}

std::optional<Recipe> conv2d(const Call& call) {
  return conv2d(call, std::get<Conv2d>(call.op), {});
}

}  // namespace evenkeel::onednn
