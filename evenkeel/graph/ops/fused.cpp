// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/fused.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

// How many inputs an epilogue's op takes besides the running value.
std::size_t further_inputs(const BiasAdd&) { return 1; }
std::size_t further_inputs(const Relu&) { return 0; }

}  // namespace

Types Fused::infer(const ShapeScope& in) const {
  std::vector<ValueType> operands;
  std::size_t taken = 0;
  const auto apply = [&](const auto& op, std::size_t count) {
    if (taken + count > in.size()) in.fail("more inputs, one for each operand of its ops");
    for (; count > 0; --count) operands.push_back(in[taken++]);
    Types outputs = op.infer(in.of(op.name, operands));
    operands = {outputs[0]};
    return outputs;
  };
  Types outputs = std::visit([&](const auto& op) { return apply(op, input_count(core)); }, core);
  for (const FusedEpilogue& step : epilogue)
    outputs[0] = std::visit([&](const auto& op) { return apply(op, further_inputs(op)); }, step)[0];
  in.require(taken == in.size(), "one input for each operand of its ops, not more");
  return outputs;
}

}  // namespace evenkeel
