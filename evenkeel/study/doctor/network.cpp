// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/doctor/network.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "evenkeel/compile/readers.h"

namespace evenkeel::doctor {
namespace {

Value input_of(const Graph& network, const std::string& layer) {
  return network.node(network.find(layer)).inputs[0];
}

// Adding a number to each channel before it is adding it behind it.
bool commutes_with_bias(const Op& op) {
  if (const auto* pooling = std::get_if<AvgPool2d>(&op))
    return !pooling->count_padding || pooling->padding == Padding4{};
  return std::holds_alternative<Reshape>(op) || std::holds_alternative<MaxPool2d>(op);
}

}  // namespace

bool relu_follows(const Graph& network, const std::string& layer) {
  const Readers readers(network);
  std::vector<NodeId> makers = {network.find(layer)};
  while (!makers.empty()) {
    const NodeId maker = makers.back();
    makers.pop_back();
    for (const NodeId reader : readers.of({maker, 0})) {
      const Node& node = network.node(reader);
      if (std::holds_alternative<Relu>(node.op)) return true;
      // Of the layer itself, where its channels are not the last axis.
      const bool moves =
          std::holds_alternative<Transpose>(node.op) || std::holds_alternative<Reshape>(node.op);
      if (moves && node.name.starts_with(layer + "/")) makers.push_back(reader);
    }
  }
  return false;
}

std::int64_t group_of(const Graph& network, const std::string& layer) {
  const auto& norm = std::get<BatchNorm>(network.node(network.find(layer)).op);
  const auto* ghost = std::get_if<GhostRule>(&norm.batch);
  return ghost == nullptr ? 0 : ghost->size;
}

std::int64_t whole_groups(const Graph& network, std::int64_t images) {
  std::int64_t step = 1;
  for (const Node& node : network.nodes())
    if (std::holds_alternative<BatchNorm>(node.op))
      step = std::lcm(step, std::max<std::int64_t>(group_of(network, node.name), 1));
  return std::max(images / step, std::int64_t{1}) * step;
}

std::int64_t values_per_channel(const Graph& network, const std::string& layer,
                                std::int64_t batch) {
  const Shape shape = network.type(input_of(network, layer)).shape.bound(batch);
  return shape.elements() / shape.back();
}

std::optional<NodeId> bias_before(const Graph& network, const std::string& layer) {
  const Readers readers(network);
  for (Value x = input_of(network, layer); readers.single(x); x = network.node(x).inputs[0]) {
    const Node& node = network.node(x);
    if (std::holds_alternative<BiasAdd>(node.op)) return node.inputs[1].node;
    if (!commutes_with_bias(node.op)) break;
  }
  return std::nullopt;
}

std::optional<DropoutBefore> dropout_before(const Graph& network, const std::string& layer) {
  // Nodes in front of the layer, with how many layers of weights lie between at least.
  std::map<NodeId, std::int64_t, std::greater<>> open = {{input_of(network, layer).node, 0}};
  std::optional<DropoutBefore> nearest;
  while (!open.empty()) {  // from the last node back: all readers of a node come before it
    const auto [id, between] = *open.begin();
    open.erase(open.begin());
    const Node& node = network.node(id);
    if (std::holds_alternative<BatchNorm>(node.op)) continue;
    if (const auto* dropout = std::get_if<Dropout>(&node.op)) {
      if (dropout->rate > 0 && (!nearest || between < nearest->weights_between))
        nearest = DropoutBefore{node.name, dropout->rate, between};
      continue;
    }
    const bool weights =
        std::holds_alternative<Conv2d>(node.op) || std::holds_alternative<MatMul>(node.op);
    for (const Value input : node.inputs) {
      const auto [found, added] = open.try_emplace(input.node, between + (weights ? 1 : 0));
      if (!added) found->second = std::min(found->second, between + (weights ? 1 : 0));
    }
  }
  return nearest;
}

}  // namespace evenkeel::doctor
