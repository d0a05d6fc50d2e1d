// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/split_statistics.h"

#include "evenkeel/compile/assignment.h"

namespace evenkeel {
namespace {

// A sample must have rows enough to be worth statistics of its own.
constexpr std::int64_t kFewestRows = 16;

bool splits(const Graph& graph, Value x) {
  const Shape& shape = graph.type(x).shape;
  return shape.dynamic() && shape.rank() >= 3 && shape.back() <= kFewChannels &&
         shape.elements_per_sample() >= kFewestRows * shape.back();
}

std::vector<Value> split_moments(Graph& to, const Node& node, const std::vector<Value>& in) {
  const NodeId each = to.add(ChannelMoments{true}, in, node.name + "/each").node;
  const NodeId all =
      to.add(MergeSampleMoments{}, {{each, 0}, {each, 1}, {each, 2}}, node.name).node;
  return {{all, 0}, {all, 1}, {all, 2}};
}

std::vector<Value> split_sums(Graph& to, const Node& node, BatchNormGradSums op,
                              const std::vector<Value>& in) {
  op.each_sample = true;
  const NodeId each = to.add(op, in, node.name + "/each").node;
  return {to.add(BiasGrad{}, {{each, 0}}, node.name + "/beta"),
          to.add(BiasGrad{}, {{each, 1}}, node.name + "/gamma")};
}

}  // namespace

Graph split_statistics(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    if (const auto* op = std::get_if<ChannelMoments>(&node.op))
      if (!op->each_sample && splits(to, in[0])) return split_moments(to, node, in);
    if (const auto* op = std::get_if<BatchNormGradSums>(&node.op))
      if (!op->each_sample && splits(to, in[0])) return split_sums(to, node, *op, in);
    return keep(to, from, id, in);
  });
}

}  // namespace evenkeel
