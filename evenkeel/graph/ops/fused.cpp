// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/fused.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

// Sums over the value made until then stand beside it.
bool takes_sums(const FusedEpilogue& step) {
  return std::holds_alternative<ChannelMoments>(step) ||
         std::holds_alternative<BatchNormGradSums>(step);
}

// a, b, p, m, v: [M,K], lr, step -> p, m, v and nonfinite
Types infer_update(const Fused& op, const AdamUpdate& update, const ShapeScope& in) {
  const auto* matmul = std::get_if<MatMul>(&op.core);
  in.require(matmul != nullptr && op.epilogue.size() == 1 && op.prologue.empty(),
             "adam alone behind a matmul");
  in.require_inputs(input_count(op.core) + further_inputs(update));
  const std::vector<ValueType> factors = {in[0], in[1]};
  const ValueType product = matmul->infer(in.of(matmul->name, factors))[0];
  const std::vector<ValueType> operands = {in[2], in[3], in[4], product, in[5], in[6]};
  Types outputs = update.infer(in.of(update.name, operands));
  outputs[3].shape = {(product.shape[0] + Fused::kUpdateRows - 1) / Fused::kUpdateRows};
  return outputs;
}

}  // namespace

std::size_t further_inputs(const FusedEpilogue& step) {
  if (std::holds_alternative<AdamUpdate>(step)) return 5;
  if (const auto* sums = std::get_if<BatchNormGradSums>(&step)) return sums->rectified ? 6 : 4;
  return std::holds_alternative<BiasAdd>(step) || std::holds_alternative<Add>(step) ||
         std::holds_alternative<ReluGrad>(step);
}

Types Fused::infer(const ShapeScope& in) const {
  if (const AdamUpdate* update = update_of(*this)) return infer_update(*this, *update, in);
  std::vector<ValueType> operands;
  std::size_t taken = 0;
  const auto apply = [&](const auto& op, std::size_t count) {
    if (taken + count > in.size()) in.fail("more inputs, one for each operand of its ops");
    for (; count > 0; --count) operands.push_back(in[taken++]);
    Types outputs = op.infer(in.of(op.name, operands));
    operands = {outputs[0]};
    return outputs;
  };
  for (const FusedPrologue& step : prologue)
    std::visit([&](const auto& op) { apply(op, input_count(step) - operands.size()); }, step);
  Types outputs = std::visit(
      [&](const auto& op) { return apply(op, input_count(core) - operands.size()); }, core);
  bool pooled = false;
  bool summed = false;
  for (const FusedEpilogue& step : epilogue) {
    in.require(!pooled, "nothing behind the max_pool2d of its epilogue");
    in.require(!summed, "nothing behind the sums of its epilogue");
    const Types after =
        std::visit([&](const auto& op) { return apply(op, further_inputs(step)); }, step);
    pooled = std::holds_alternative<MaxPool2d>(step);
    summed = takes_sums(step);
    if (!summed) outputs[0] = after[0];
    const std::ptrdiff_t made = summed ? 0 : 1;
    outputs.insert(outputs.end(), after.begin() + made, after.end());
  }
  in.require(!std::holds_alternative<MaxPool2d>(core) || outputs.size() == 2, "one max_pool2d");
  in.require(taken == in.size(), "one input for each operand of its ops, not more");
  return outputs;
}

}  // namespace evenkeel
