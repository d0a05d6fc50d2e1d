// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_unpooling.h"

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kMostUnpooledChannels = 4;

std::optional<UnpooledConv2dGradKernel> unpooled(const Graph& graph, const Readers& readers,
                                                 const Node& node) {
  const auto* conv = std::get_if<Conv2dGradKernel>(&node.op);
  if (conv == nullptr || conv->dilation != Pair{1, 1} || conv->groups != 1) return std::nullopt;
  if (graph.type(node.inputs[0]).shape.back() > kMostUnpooledChannels) return std::nullopt;
  const auto* unpool = std::get_if<MaxPool2dGrad>(&graph.node(node.inputs[1]).op);
  if (unpool == nullptr || !readers.single(node.inputs[1])) return std::nullopt;
  return UnpooledConv2dGradKernel{conv->stride,   conv->padding,   conv->kernel, unpool->window,
                                  unpool->stride, unpool->padding, unpool->size};
}

}  // namespace

Graph fuse_unpooling(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const auto op = unpooled(from, readers, from.node(id));
    if (!op) return keep(to, from, id, in);
    const std::vector<Value>& pooled = to.node(in[1]).inputs;
    const std::vector<Value> inputs = {in[0], pooled[0], pooled[1]};
    if (!runs_natively(*op, to, inputs, batch, machine)) return keep(to, from, id, in);
    return keep_as(*op, to, from, id, inputs);
  });
}

}  // namespace evenkeel
