// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/lower_mode.h"

#include "evenkeel/base/random.h"
#include "evenkeel/compile/lower_batch_norm.h"

namespace evenkeel {
namespace {

// The input of that name, added where the graph does not have it yet.
Value input_named(Graph& to, const std::string& name, const ValueType& type) {
  if (to.contains(name)) return {to.find(name), 0};
  return to.add(Input{type}, {}, name);
}

std::vector<Value> training_dropout(Graph& to, const Node& node, const Dropout& layer,
                                    const std::vector<Value>& in) {
  const Value seed = input_named(to, "seed", {DType::i64, {}});
  const Value step = input_named(to, "step", {DType::i64, {}});
  const Value samples = input_named(to, "samples", {DType::i64, {to.type(in[0]).shape[0]}});
  const std::uint64_t hash = hash_name(node.name.data(), node.name.data() + node.name.size());
  const DropoutApply apply{layer.rate, static_cast<std::int64_t>(hash & 0xFFFFFFFFU)};
  return {to.add(apply, {in[0], seed, step, samples}, node.name)};
}

// Without the samples' weights, which only training reads, unless something else does too.
Graph without_unread_weights(const Graph& graph) {
  if (!graph.contains(kSampleWeights)) return graph;
  for (const Node& node : graph.nodes())
    for (const Value input : node.inputs)
      if (graph.node(input).name == kSampleWeights) return graph;
  for (const Output& output : graph.outputs())
    if (graph.node(output.value).name == kSampleWeights) return graph;
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    if (node.name == kSampleWeights && std::holds_alternative<Input>(node.op))
      return std::vector<Value>{};
    return keep(to, from, id, in);
  });
}

}  // namespace

Graph to_training(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto* layer = std::get_if<BatchNorm>(&node.op);
    if (layer != nullptr && layer->frozen)
      return std::vector<Value>{inference_batch_norm(to, node, *layer, in)};
    if (layer != nullptr) return std::vector<Value>{training_batch_norm(to, node, *layer, in)};
    if (const auto* dropout = std::get_if<Dropout>(&node.op))
      return training_dropout(to, node, *dropout, in);
    return keep(to, from, id, in);
  });
}

Graph to_inference(const Graph& graph) {
  const Graph lowered =
      rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
        const Node& node = from.node(id);
        if (const auto* layer = std::get_if<BatchNorm>(&node.op))
          return std::vector<Value>{inference_batch_norm(to, node, *layer, in)};
        if (std::holds_alternative<Dropout>(node.op)) return std::vector<Value>{in[0]};
        return keep(to, from, id, in);
      });
  return without_unread_weights(lowered);
}

}  // namespace evenkeel
