// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/strip.h"

namespace evenkeel {

Graph without_dropout(const Graph& network) {
  return rewrite(network,
                 [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& inputs) {
                   if (std::holds_alternative<Dropout>(from.node(id).op))
                     return std::vector<Value>{inputs[0]};
                   return keep(to, from, id, inputs);
                 });
}

Graph without_effects(const Graph& graph) {
  Graph result(graph.name());
  for (NodeId id = 0; id < graph.nodes().size(); ++id)
    keep(result, graph, id, graph.node(id).inputs);
  return result;
}

}  // namespace evenkeel
