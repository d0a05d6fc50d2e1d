// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_conv_pooling.h"

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kMostChannels = 4;

// A convolution of few channels, with its epilogue.
std::optional<Fused> convolution(const Graph& graph, const Node& node) {
  Fused result;
  if (const auto* conv = std::get_if<Conv2d>(&node.op))
    result.core = *conv;
  else if (const auto* fused = std::get_if<Fused>(&node.op))
    result = *fused;
  else
    return std::nullopt;
  if (!std::holds_alternative<Conv2d>(result.core) || node.outputs.size() != 1) return std::nullopt;
  if (graph.type(node.inputs[0]).shape.back() > kMostChannels) return std::nullopt;
  return result;
}

}  // namespace

Graph fuse_conv_pooling(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto* pool = std::get_if<MaxPool2d>(&node.op);
    if (pool == nullptr || !readers.single(node.inputs[0])) return keep(to, from, id, in);
    auto fused = convolution(to, to.node(in[0]));
    if (!fused) return keep(to, from, id, in);
    fused->epilogue.emplace_back(*pool);
    const std::vector<Value> inputs = to.node(in[0]).inputs;
    if (!runs_natively(*fused, to, inputs, batch, machine)) return keep(to, from, id, in);
    return keep_as(*std::move(fused), to, from, id, inputs);
  });
}

}  // namespace evenkeel
