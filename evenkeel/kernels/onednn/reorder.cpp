#include "evenkeel/kernels/onednn/engine.h"
#include "evenkeel/kernels/onednn/recipe.h"

namespace evenkeel::onednn {

// W: [R,S,C,K] from one of dense and oneDNN's packed forms to another.
std::optional<Recipe> reorder(const Call& call) {
  const ValueType& type = call.inputs[0];
  if (type.shape.rank() != 4 || type.dtype != DType::f32) return std::nullopt;
  const auto from = kernel_in(type, type.layout);
  const auto to = kernel_in(type, std::get<Reorder>(call.op).to);
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
