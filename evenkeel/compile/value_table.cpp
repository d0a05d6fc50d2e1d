// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/value_table.h"

namespace evenkeel {

ValueTable::ValueTable(const Graph& graph) {
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Node& node = graph.node(id);
    first_.push_back(static_cast<int>(root_.size()));
    for (std::uint32_t k = 0; k < node.outputs.size(); ++k) {
      const bool alias = std::holds_alternative<Reshape>(node.op);
      const int own = static_cast<int>(root_.size());
      root_.push_back(alias ? of(node.inputs[0]) : own);
      makers_.push_back({id, k});
    }
  }
  readers_.resize(root_.size());
  outside_.assign(root_.size(), false);
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    if (std::holds_alternative<Reshape>(graph.node(id).op)) continue;
    for (const Value input : graph.node(id).inputs)
      readers_[static_cast<std::size_t>(of(input))].push_back(id);
  }
  const auto mark = [&](Value value) { outside_[static_cast<std::size_t>(of(value))] = true; };
  for (const Update& update : graph.updates()) mark(update.value);
  for (const Value value : graph.guards()) mark(value);
  for (const Value value : graph.checks_after()) mark(value);
  for (const Output& output : graph.outputs()) mark(output.value);
}

}  // namespace evenkeel
