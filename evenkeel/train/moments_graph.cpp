// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/moments_graph.h"

#include <numeric>
#include <set>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/strip.h"

namespace evenkeel {
namespace {

// The batch norms whose moving statistics a training step updates: not those that are frozen.
std::vector<NodeId> updated_norms(const Graph& network, const Graph& training) {
  std::set<std::string_view> updated;
  for (const Update& update : training.updates()) updated.insert(training.node(update.state).name);
  std::vector<NodeId> norms;
  for (NodeId id = 0; id < network.nodes().size(); ++id) {
    const Node& node = network.node(id);
    if (std::holds_alternative<BatchNorm>(node.op) &&
        updated.count(network.node(node.inputs[BatchNorm::kMovingMean]).name) > 0)
      norms.push_back(id);
  }
  return norms;
}

// Weighed moments are made by the layer alone. Any other layer's population is the whole batch,
// whatever it normalises by; equal nodes are computed once.
NodeId add_moments(Graph& graph, const Graph& network, const Node& norm) {
  const auto& layer = std::get<BatchNorm>(norm.op);
  if (std::holds_alternative<WholeRule>(layer.batch) && norm.inputs.size() > BatchNorm::kWeights)
    return graph.find(norm.name + "/moments");
  const Value input = norm.inputs[0];
  const Value x = {graph.find(network.node(input).name), input.output};
  return graph.add(ChannelMoments{}, {x}, norm.name + "/population").node;
}

}  // namespace

MomentsGraph moments_graph(const Graph& network) {
  const Graph training = to_training(network);
  MomentsGraph result{without_effects(training), updated_norms(network, training)};
  for (const NodeId id : result.norms) {
    const Node& node = network.node(id);
    const NodeId moments = add_moments(result.graph, network, node);
    result.graph.output("count/" + node.name, {moments, 0});
    result.graph.output("mean/" + node.name, {moments, 1});
    result.graph.output("m2/" + node.name, {moments, 2});
    const Shape& shape = network.type(node.inputs[0]).shape;
    if (shape.elements_per_sample() == shape.back()) result.one_place = true;
    if (const auto* ghost = std::get_if<GhostRule>(&std::get<BatchNorm>(node.op).batch))
      result.group = std::lcm(result.group, ghost->size);
  }
  return result;
}

bool has_moving_statistics(const Graph& network) {
  return !updated_norms(network, to_training(network)).empty();
}

void require_moving_statistics(const Graph& network) {
  if (has_moving_statistics(network)) return;
  throw InvalidArgument(network.name(),
                        "expected a network with batch norm that training updates, got one "
                        "without: it has no statistics to recalibrate");
}

}  // namespace evenkeel
