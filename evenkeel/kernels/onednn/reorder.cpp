// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/engine.h"
#include "evenkeel/kernels/onednn/recipe.h"

namespace evenkeel::onednn {

// W: [R,S,C/G,K] from one of dense and oneDNN's packed forms to another.
std::optional<Recipe> reorder(const Call& call) {
  const ValueType& type = call.inputs[0];
  if (type.shape.rank() != 4 || type.dtype != DType::f32) return std::nullopt;
  const Layout& target = std::get<Reorder>(call.op).to;
  const std::int64_t groups = groups_in(type.layout.dense() ? target : type.layout);
  if (groups < 1 || type.shape[3] % groups != 0) return std::nullopt;
  const auto from = kernel_in(type, type.layout, groups);
  const auto to = kernel_in(type, target, groups);
  if (!from || !to || *from == *to) return std::nullopt;
  const dnnl::reorder::primitive_desc primitive(cpu_engine(), *from, cpu_engine(), *to,
                                                strict_attributes());
  Recipe recipe = recipe_of(call, primitive);
  recipe.needs.accuracy = Accuracy::exact;
  recipe.operands = {{DNNL_ARG_FROM, *from, Source::input, 0},
                     {DNNL_ARG_TO, *to, Source::output, 0}};
  return recipe;
}

}  // namespace evenkeel::onednn
