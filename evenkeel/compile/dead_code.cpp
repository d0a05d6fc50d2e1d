// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/dead_code.h"

namespace evenkeel {

Graph remove_dead_code(const Graph& graph) {
  std::vector<bool> live(graph.nodes().size(), false);
  for (const Update& update : graph.updates()) live[update.state] = live[update.value.node] = true;
  for (const Value value : graph.guards()) live[value.node] = true;
  for (const Value value : graph.checks_after()) live[value.node] = true;
  for (const Output& output : graph.outputs()) live[output.value.node] = true;
  for (std::size_t id = live.size(); id-- > 0;) {
    if (std::holds_alternative<Input>(graph.node(static_cast<NodeId>(id)).op)) live[id] = true;
    if (!live[id]) continue;
    for (const Value input : graph.node(static_cast<NodeId>(id)).inputs) live[input.node] = true;
  }
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    if (live[id]) return keep(to, from, id, in);
    return std::vector<Value>{};
  });
}

}  // namespace evenkeel
