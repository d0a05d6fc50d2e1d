// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_unpooling.h"

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kMostUnpooledChannels = 4;

// The pooling's gradient that makes `map`, if nothing else reads it.
const MaxPool2dGrad* unpooling(const Graph& graph, const Readers& readers, Value map) {
  if (!readers.single(map)) return nullptr;
  return std::get_if<MaxPool2dGrad>(&graph.node(map).op);
}

// `node` with the unpooling of its last input in it, if it is one of the two.
std::optional<Op> unpooled(const Graph& graph, const Readers& readers, const Node& node) {
  const auto* conv = std::get_if<Conv2dGradKernel>(&node.op);
  const auto* fft = std::get_if<Fft2d>(&node.op);
  if (conv == nullptr && fft == nullptr) return std::nullopt;
  const MaxPool2dGrad* pool = unpooling(graph, readers, node.inputs.back());
  if (pool == nullptr) return std::nullopt;
  if (fft != nullptr)
    return UnpooledFft2d{fft->size,    fft->place,    pool->window,
                         pool->stride, pool->padding, pool->size};
  if (conv->dilation != Pair{1, 1} || conv->groups != 1) return std::nullopt;
  if (graph.type(node.inputs[0]).shape.back() > kMostUnpooledChannels) return std::nullopt;
  return UnpooledConv2dGradKernel{conv->stride, conv->padding, conv->kernel, pool->window,
                                  pool->stride, pool->padding, pool->size};
}

}  // namespace

Graph fuse_unpooling(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const auto op = unpooled(from, readers, from.node(id));
    if (!op) return keep(to, from, id, in);
    // Those of the unpooling in the last one's place.
    const std::vector<Value>& pooled = to.node(in.back()).inputs;
    std::vector<Value> inputs(in.begin(), in.end() - 1);
    inputs.insert(inputs.end(), pooled.begin(), pooled.end());
    if (!runs_natively(*op, to, inputs, batch, machine)) return keep(to, from, id, in);
    return keep_as(*op, to, from, id, inputs);
  });
}

}  // namespace evenkeel
