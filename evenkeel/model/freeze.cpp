// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/freeze.h"

#include <algorithm>
#include <set>

#include "evenkeel/base/glob.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

using Nodes = std::set<NodeId>;

// "block/conv1" of "block/conv1/kernel".
std::string owner_of(const std::string& name) { return name.substr(0, name.rfind('/')); }

// The layer that trains what the node is, "" for a node that nothing trains.
std::string trained_layer(const Graph& graph, const Node& node) {
  if (std::holds_alternative<BatchNorm>(node.op))
    return owner_of(graph.node(node.inputs[BatchNorm::kMovingMean]).name);
  const auto* state = std::get_if<State>(&node.op);
  return state != nullptr && trained(state->role) ? owner_of(node.name) : std::string();
}

std::vector<std::string> trained_layers(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes()) {
    const std::string name = trained_layer(graph, node);
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
  return names;
}

bool matches(std::string_view pattern, const std::string& layer) {
  return glob_matches(pattern, layer) || glob_matches(pattern, layer_of(layer));
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  if (names.empty()) return "; it has none that train";
  std::string text = "; those that train are named";
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i)
    text += (i == 0 ? " '" : ", '") + names[i] + "'";
  return text + (names.size() > kMost ? ", ..." : "");
}

// InvalidArgument unless the pattern names a layer that trains.
void require_trained(const Model& model, std::string_view pattern) {
  const std::vector<std::string> names = trained_layers(model.graph());
  for (const std::string& name : names)
    if (matches(pattern, name)) return;
  for (const LayerInfo& layer : model.layers())
    if (glob_matches(pattern, layer.name))
      throw InvalidArgument(std::string(pattern),
                            "expected a pattern of layers that train, it matches '" + layer.name +
                                "', a " + layer.kind + ", which has nothing to train" +
                                listed(names));
  const std::string nearest = did_you_mean(pattern, names);
  throw InvalidArgument(std::string(pattern),
                        "expected a pattern of layers' names, it matches none of " + model.name() +
                            (nearest.empty() ? listed(names) : nearest));
}

// The weights of the layers that `pattern` names, and batch norms themselves with theirs.
Nodes parts_of(const Graph& graph, std::string_view pattern) {
  Nodes parts;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Node& node = graph.node(id);
    const std::string layer = trained_layer(graph, node);
    if (layer.empty() || !matches(pattern, layer)) continue;
    parts.insert(id);
    if (std::holds_alternative<BatchNorm>(node.op))
      parts.insert({node.inputs[1].node, node.inputs[2].node});
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
  require_trained(model, pattern);
  return Model(with_frozen(model.graph(), parts_of(model.graph(), pattern), frozen));
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
