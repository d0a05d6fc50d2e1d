// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/statistics.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace evenkeel {
namespace {

// Which input of a batch norm the state is.
std::optional<std::size_t> statistic_of(const Graph& network, const std::string& name) {
  for (const Node& node : network.nodes()) {
    if (!std::holds_alternative<BatchNorm>(node.op)) continue;
    for (std::size_t index = BatchNorm::kMovingMean; index < node.inputs.size(); ++index)
      if (network.node(node.inputs[index]).name == name) return index;
  }
  return std::nullopt;
}

template <typename T>
std::string fault_of(std::span<const T> values, double least) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    if (std::isfinite(value) && value >= least) continue;
    return "expected finite values" + std::string(least == 0 ? " of at least 0" : "") + ", got " +
           std::to_string(value) + " at " + std::to_string(i);
  }
  return "";
}

}  // namespace

std::string statistic_fault(const Graph& network, const std::string& name, const Tensor& tensor) {
  const auto index = statistic_of(network, name);
  if (!index) return "";
  // Statistics that are no means cannot be below 0.
  const bool mean = *index == BatchNorm::kMovingMean || *index == BatchNorm::kRenormMean;
  const double least = mean ? -HUGE_VAL : 0;
  switch (tensor.dtype) {
    case DType::f32:
      return fault_of(tensor.values<float>(), least);
    case DType::f64:
      return fault_of(tensor.values<double>(), least);
    case DType::i64:
      return fault_of(tensor.values<std::int64_t>(), least);
    default:
      return "";
  }
}

namespace {

std::int64_t updates_seen(const Graph& network, const Node& layer, const StateStore& state) {
  return state.get(network.node(layer.inputs[5]).name).values<std::int64_t>()[0];
}

}  // namespace

void require_usable_statistics(const Graph& network, const StateStore& state) {
  for (const Node& node : network.nodes()) {
    const auto* layer = std::get_if<BatchNorm>(&node.op);
    if (layer == nullptr) continue;
    const std::int64_t seen = updates_seen(network, node, state);
    if (layer->frozen && seen == 0)
      throw UntrainedStatistics(
          node.name,
          "is frozen and expected moving statistics that training has updated, got updates_seen 0: "
          "it would normalise with where they began; restore a trained checkpoint first, or "
          "unfreeze() it");
    if (layer->cumulative() && !layer->frozen && seen >= kSettledUpdates)
      throw InvalidArgument(
          node.name,
          "Cumulative{} expected to know how many updates its statistics are the mean of, but they "
          "come from a file that does not count them; take Decay::keep(), or freeze() the layer");
  }
}

void add_settled_counts(const Graph& network, std::map<std::string, Tensor>& tensors) {
  for (const Node& node : network.nodes()) {
    if (!std::holds_alternative<BatchNorm>(node.op)) continue;
    const Node& counter = network.node(node.inputs[5]);
    if (std::holds_alternative<State>(counter.op))
      tensors.try_emplace(counter.name, Tensor::of<std::int64_t>(Shape{}, {kSettledUpdates}));
  }
}

void require_trained_statistics(const Graph& network, const StateStore& state) {
  for (const Node& node : network.nodes()) {
    if (!std::holds_alternative<BatchNorm>(node.op)) continue;
    if (updates_seen(network, node, state) > 0) continue;
    throw UntrainedStatistics(
        node.name,
        "predicting needs moving statistics that training has updated, got updates_seen 0: the "
        "layer would normalise with mean 0 and variance 1; train at least one step, or load a "
        "trained checkpoint");
  }
}

}  // namespace evenkeel
