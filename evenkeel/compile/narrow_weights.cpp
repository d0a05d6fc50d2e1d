// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/narrow_weights.h"

#include <algorithm>

namespace evenkeel {
namespace {

// By node: whether it depends on the state alone, so that it is prepared.
std::vector<bool> of_the_state(const Graph& graph) {
  std::vector<bool> result;
  for (const Node& node : graph.nodes())
    result.push_back(!std::holds_alternative<Input>(node.op) &&
                     std::all_of(node.inputs.begin(), node.inputs.end(),
                                 [&](Value input) { return result[input.node]; }));
  return result;
}

}  // namespace

Graph narrow_weights(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const std::vector<bool> prepared = of_the_state(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto* product = std::get_if<MatMul>(&node.op);
    if (product == nullptr || !prepared[node.inputs[1].node]) return keep(to, from, id, in);
    const ValueType kernel = to.type(in[1]);
    if (!is_float(kernel.dtype) || kernel.shape.elements() < kLeastNarrowed)
      return keep(to, from, id, in);
    const std::string name = node.name + "/kernel/";
    const Value narrow = to.add(Cast{DType::bf16}, {in[1]}, name + "bf16");
    if (runs_natively(*product, to, {in[0], narrow}, batch, machine))
      return std::vector<Value>{to.add(*product, {in[0], narrow}, node.name)};
    const Value rounded = to.add(Cast{kernel.dtype}, {narrow}, name + "rounded");
    return std::vector<Value>{to.add(*product, {in[0], rounded}, node.name)};
  });
}

}  // namespace evenkeel
