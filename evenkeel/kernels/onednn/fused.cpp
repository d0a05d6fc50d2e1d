// SPDX-License-Identifier: Apache-2.0
// A convolution or matmul with [bias_add], [relu] or [bias_add, relu] in oneDNN's epilogue.
#include "evenkeel/kernels/onednn/engine.h"
#include "evenkeel/kernels/onednn/recipe.h"

namespace evenkeel::onednn {

dnnl::primitive_attr attributes_for(Epilogue epilogue) {
  dnnl::primitive_attr attributes = strict_attributes();
  if (epilogue.relu) {
    // oneDNN's own ReLU turns NaN into 0, which would hide a diverged run; PReLU with slope 0 keeps
    // it, and costs the same.
    dnnl::post_ops post_ops;
    post_ops.append_prelu(0);
    attributes.set_post_ops(post_ops);
  }
  return attributes;
}

Operand relu_operand(std::size_t rank) {
  return {DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_WEIGHTS, single(rank), Source::zero};
}

std::optional<Recipe> fused(const Call& call) {
  const auto& op = std::get<Fused>(call.op);
  Epilogue epilogue;
  if (!op.prologue.empty()) return std::nullopt;
  for (const FusedEpilogue& step : op.epilogue) {
    const bool bias = std::holds_alternative<BiasAdd>(step);
    if (epilogue.relu || (epilogue.bias && bias)) return std::nullopt;
    if (!bias && !std::holds_alternative<Relu>(step)) return std::nullopt;
    (bias ? epilogue.bias : epilogue.relu) = true;
  }
  if (const auto* core = std::get_if<Conv2d>(&op.core)) return conv2d(call, *core, epilogue);
  if (const auto* core = std::get_if<MatMul>(&op.core)) return matmul(call, *core, epilogue);
  return std::nullopt;
}

}  // namespace evenkeel::onednn
