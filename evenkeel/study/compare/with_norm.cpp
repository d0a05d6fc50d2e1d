// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/compile/readers.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/study/compare/add_norm.h"

namespace evenkeel::compare {
namespace {

bool is_norm(const Op& op) {
  return std::holds_alternative<BatchNorm>(op) || std::holds_alternative<LayerNorm>(op) ||
         std::holds_alternative<GroupNorm>(op);
}

bool has_weights(const Op& op) {
  return std::holds_alternative<Conv2d>(op) || std::holds_alternative<MatMul>(op);
}

bool is_pooling(const Op& op) {
  return std::holds_alternative<MaxPool2d>(op) || std::holds_alternative<AvgPool2d>(op);
}

// What may stand between a layer's weights and its activation.
bool leads_on(const Op& op) {
  return std::holds_alternative<BiasAdd>(op) || std::holds_alternative<Add>(op) ||
         std::holds_alternative<Reshape>(op) || std::holds_alternative<Dropout>(op) ||
         is_pooling(op);
}

// Adding a number to each channel before these changes nothing.
bool takes_mean_away(NormKind kind) { return has_moving_statistics(kind); }

BatchNorm written_batch_norm(const Graph& network) {
  for (const Node& node : network.nodes())
    if (const auto* norm = std::get_if<BatchNorm>(&node.op)) return *norm;
  return {};
}

Value add_bias(Graph& graph, Value x) {
  const std::string layer(layer_of(graph.node(x).name));
  const ValueType type = {graph.type(x).dtype, {graph.type(x).shape.back()}};
  const Value bias = graph.add(State{type, Role::bias, Initializer::zeros, 0}, {}, layer + "/bias");
  return graph.add(BiasAdd{}, {x, bias}, layer + "/bias_add");
}

Graph without_unread_states(const Graph& network) {
  const Readers readers(network);
  return rewrite(network,
                 [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
                   const bool unread = std::holds_alternative<State>(from.node(id).op) &&
                                       readers.of({id, 0}).empty() && !readers.outside({id, 0});
                   return unread ? std::vector<Value>{} : keep(to, from, id, in);
                 });
}

// A norm whose place stays in the graph while its states go: a neutral factor of the norm's name.
Graph with_places(const Graph& network, std::map<std::string, BatchNorm>& places) {
  const BatchNorm written = written_batch_norm(network);
  const Graph marked =
      rewrite(network, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
        const Node& node = from.node(id);
        if (!is_norm(node.op)) return keep(to, from, id, in);
        const auto* batch = std::get_if<BatchNorm>(&node.op);
        places.emplace(node.name, batch == nullptr ? written : *batch);
        return std::vector<Value>{to.add(Scale{1, to.type(in[0]).dtype}, {in[0]}, node.name)};
      });
  if (places.empty())
    throw InvalidArgument(network.name(),
                          "expected a network with a norm for the place 'as-written'; "
                          "'before' and 'after' its activations need none");
  return without_unread_states(marked);
}

Graph replaced(const Graph& network, const Norm& norm, std::optional<double> epsilon) {
  std::map<std::string, BatchNorm> places;
  const Graph marked = with_places(network, places);
  return rewrite(
      marked, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
        const Node& node = from.node(id);
        const auto place = places.find(node.name);
        if (place == places.end()) return keep(to, from, id, in);
        if (norm.kind != NormKind::none)
          return std::vector<Value>{add_norm(to, in[0], norm, place->second, epsilon, node.name)};
        const bool beta_was_bias = has_weights(to.node(in[0]).op);
        return std::vector<Value>{beta_was_bias ? add_bias(to, in[0]) : in[0]};
      });
}

Graph without_norms(const Graph& network) {
  const bool any = std::any_of(network.nodes().begin(), network.nodes().end(),
                               [](const Node& node) { return is_norm(node.op); });
  return any ? replaced(network, {NormKind::none}, std::nullopt) : network;
}

// The first activation behind the weights, before any other layer's.
std::optional<NodeId> activation_behind(const Graph& network, const Readers& readers,
                                        NodeId weights) {
  std::set<NodeId> open = {weights};
  while (!open.empty()) {  // in the graph's order
    const NodeId id = *open.begin();
    open.erase(open.begin());
    if (is_activation(network.node(id).op)) return id;
    if (id != weights && !leads_on(network.node(id).op)) continue;
    for (const NodeId reader : readers.of({id, 0})) open.insert(reader);
  }
  return std::nullopt;
}

NodeId behind_pooling(const Graph& network, const Readers& readers, NodeId id) {
  while (readers.single({id, 0}) && is_pooling(network.node(readers.of({id, 0})[0]).op))
    id = readers.of({id, 0})[0];
  return id;
}

// The nodes that a norm goes behind, and biases that it takes the place of.
struct Insertions {
  std::set<NodeId> behind;
  std::set<NodeId> for_bias;
};

Insertions insertions(const Graph& network, NormKind kind, Place place) {
  const Readers readers(network);
  Insertions result;
  for (NodeId id = 0; id < network.nodes().size(); ++id) {
    if (!has_weights(network.node(id).op)) continue;
    const auto activation = activation_behind(network, readers, id);
    if (!activation) continue;  // the last layer
    if (place == Place::after) {
      result.behind.insert(behind_pooling(network, readers, *activation));
      continue;
    }
    const bool bias = readers.single({id, 0}) &&
                      std::holds_alternative<BiasAdd>(network.node(readers.of({id, 0})[0]).op);
    const NodeId last = bias ? readers.of({id, 0})[0] : id;
    (bias && takes_mean_away(kind) ? result.for_bias : result.behind).insert(last);
  }
  return result;
}

}  // namespace

Graph with_norm(const Graph& network, const Norm& norm, Place place,
                std::optional<double> epsilon) {
  if (place == Place::as_written) return replaced(network, norm, epsilon);
  const BatchNorm written = written_batch_norm(network);
  const Graph plain = without_norms(network);
  const Insertions where = insertions(plain, norm.kind, place);
  int count = 0;
  return without_unread_states(
      rewrite(plain, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
        const bool for_bias = where.for_bias.count(id) > 0;
        std::vector<Value> values = for_bias ? std::vector<Value>{in[0]} : keep(to, from, id, in);
        if (!for_bias && where.behind.count(id) == 0) return values;
        const std::string layer = "norm" + std::to_string(++count);
        values[0] = add_norm(to, values[0], norm, written, epsilon, layer);
        return values;
      }));
}

Graph with_initial_deviation(const Graph& network, double deviation) {
  return rewrite(network,
                 [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
                   const auto* state = std::get_if<State>(&from.node(id).op);
                   if (state == nullptr || state->role != Role::parameter)
                     return keep(to, from, id, in);
                   State drawn = *state;
                   drawn.initializer = Initializer::truncated_normal;
                   drawn.value = deviation;
                   return keep_as(drawn, to, from, id, in);
                 });
}

}  // namespace evenkeel::compare
