// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/layouts.h"

namespace evenkeel {

Graph insert_reorders(const Graph& graph, std::int64_t batch, const Machine& machine) {
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Assignment assignment = assign(from, id, batch, machine);
    if (assignment.entry == nullptr || std::holds_alternative<Reorder>(from.node(id).op))
      return keep(to, from, id, in);
    const Node& node = from.node(id);
    std::vector<Value> inputs = in;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const ValueType& wanted = assignment.needs.inputs[i];
      if (to.type(inputs[i]).layout == wanted.layout) continue;
      const std::string name = node.name + "/reorder" + std::to_string(i);
      inputs[i] = to.add(Reorder{wanted.layout, wanted.packed_bytes}, {inputs[i]}, name);
      to.set_layout(inputs[i], wanted.layout, wanted.packed_bytes);
    }
    std::vector<Value> outputs = keep(to, from, id, inputs);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const ValueType& made = assignment.needs.outputs[k];
      if (made.layout.dense()) continue;
      to.set_layout(outputs[k], made.layout, made.packed_bytes);
      outputs[k] = to.add(Reorder{}, {outputs[k]}, node.name + "/dense" + std::to_string(k));
    }
    return outputs;
  });
}

}  // namespace evenkeel
