// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/freeze.h"

#include <set>

#include "evenkeel/base/glob.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

using Nodes = std::set<NodeId>;

std::vector<std::string> batch_norms_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes())
    if (std::holds_alternative<BatchNorm>(node.op)) names.push_back(node.name);
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  if (names.empty()) return "it has none";
  std::string text = "they are named";
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i)
    text += (i == 0 ? " '" : ", '") + names[i] + "'";
  return text + (names.size() > kMost ? ", ..." : "");
}

// InvalidArgument unless the pattern names batch norms, and those alone.
void require_batch_norms(const Model& model, std::string_view pattern) {
  for (const LayerInfo& layer : model.layers())
    if (layer.kind != BatchNorm::name && glob_matches(pattern, layer.name))
      throw InvalidArgument(std::string(pattern),
                            "expected a pattern of batch norms' names, it matches '" + layer.name +
                                "', a " + layer.kind + ": batch norms alone can be frozen");
  const std::vector<std::string> names = batch_norms_of(model.graph());
  for (const std::string& name : names)
    if (glob_matches(pattern, name)) return;
  const std::string nearest = did_you_mean(pattern, names);
  throw InvalidArgument(std::string(pattern),
                        "expected a pattern of batch norms' names, it matches none of " +
                            model.name() + (nearest.empty() ? "; " + listed(names) : nearest));
}

// The batch norms that `wanted` names, with gamma and beta.
template <typename Wanted>
Nodes parts_of(const Graph& graph, const Wanted& wanted) {
  Nodes parts;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Node& node = graph.node(id);
    if (!std::holds_alternative<BatchNorm>(node.op) || !wanted(node.name)) continue;
    parts.insert({id, node.inputs[1].node, node.inputs[2].node});
  }
  return parts;
}

Graph with_frozen(const Graph& graph, const Nodes& parts, bool frozen) {
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    if (parts.count(id) == 0) return keep(to, from, id, in);
    Op op = from.node(id).op;
    if (auto* layer = std::get_if<BatchNorm>(&op)) layer->frozen = frozen;
    // In place of gamma or beta there may be a constant.
    if (auto* state = std::get_if<State>(&op)) state->frozen = frozen;
    return keep_as(std::move(op), to, from, id, in);
  });
}

Model changed(const Model& model, std::string_view pattern, bool frozen) {
  require_batch_norms(model, pattern);
  const Nodes parts =
      parts_of(model.graph(), [&](const std::string& name) { return glob_matches(pattern, name); });
  return Model(with_frozen(model.graph(), parts, frozen));
}

}  // namespace

Model freeze(const Model& model, std::string_view pattern) { return changed(model, pattern, true); }
Model unfreeze(const Model& model, std::string_view pattern) {
  return changed(model, pattern, false);
}

Graph without_freezing(const Graph& graph) {
  Nodes parts;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Op& op = graph.node(id).op;
    const auto* state = std::get_if<State>(&op);
    const auto* layer = std::get_if<BatchNorm>(&op);
    if ((state != nullptr && state->frozen) || (layer != nullptr && layer->frozen))
      parts.insert(id);
  }
  return parts.empty() ? graph : with_frozen(graph, parts, false);
}

}  // namespace evenkeel
