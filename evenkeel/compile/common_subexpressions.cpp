// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/common_subexpressions.h"

#include <unordered_map>

#include "evenkeel/graph/hash.h"

namespace evenkeel {
namespace {

std::size_t hash_of(const Op& op, const std::vector<Value>& inputs) {
  std::size_t hash = hash_of(op);
  for (const Value input : inputs) hash = hash * 1000003 + input.node * 31 + input.output;
  return hash;
}

}  // namespace

Graph share_common_subexpressions(const Graph& graph) {
  std::unordered_multimap<std::size_t, NodeId> seen;
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    if (std::holds_alternative<Input>(node.op) || std::holds_alternative<State>(node.op))
      return keep(to, from, id, in);
    const std::size_t hash = hash_of(node.op, in);
    const auto [begin, end] = seen.equal_range(hash);
    for (auto it = begin; it != end; ++it) {
      const Node& other = to.node(it->second);
      if (other.op != node.op || other.inputs != in) continue;
      std::vector<Value> values;
      for (std::uint32_t k = 0; k < other.outputs.size(); ++k) values.push_back({it->second, k});
      return values;
    }
    std::vector<Value> values = keep(to, from, id, in);
    seen.emplace(hash, values[0].node);
    return values;
  });
}

}  // namespace evenkeel
