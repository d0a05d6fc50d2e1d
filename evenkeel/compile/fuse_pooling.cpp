// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_pooling.h"

#include <algorithm>

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

bool has_own_epilogue(const Op& op) {
  return std::holds_alternative<Conv2d>(op) || std::holds_alternative<MatMul>(op) ||
         std::holds_alternative<InverseFft2d>(op);
}

// Is the argmax of `pool` read by gradients alone that are 0 where the pooled value is not above 0?
// Of windows that ReLU makes all 0 it is another one then.
bool is_masked(const Graph& graph, const Readers& readers, NodeId pool) {
  const Value argmax = {pool, 1};
  const auto masked = [&](NodeId reader) {
    const Node& unpool = graph.node(reader);
    if (!std::holds_alternative<MaxPool2dGrad>(unpool.op)) return false;
    const Node& gradient = graph.node(unpool.inputs[0]);
    return std::holds_alternative<ReluGrad>(gradient.op) && gradient.inputs[1] == Value{pool, 0};
  };
  const auto& nodes = readers.of(argmax);
  return !readers.outside(argmax) && std::all_of(nodes.begin(), nodes.end(), masked);
}

// What there is between a pool and the x that it could read instead.
struct Between {
  bool bias = false;
  bool relu = false;
};

Between between(const Graph& graph, const Readers& readers, NodeId pool) {
  Between result;
  Value x = graph.node(pool).inputs[0];
  if (std::holds_alternative<Relu>(graph.node(x).op) && readers.single(x) &&
      is_masked(graph, readers, pool)) {
    result.relu = true;
    x = graph.node(x).inputs[0];
  }
  if (std::holds_alternative<BiasAdd>(graph.node(x).op) && readers.single(x)) {
    result.bias = true;
    x = graph.node(x).inputs[0];
  }
  if (has_own_epilogue(graph.node(x).op)) return {};
  return result;
}

}  // namespace

Graph fuse_pooling(const Graph& graph) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const auto* pool = std::get_if<MaxPool2d>(&from.node(id).op);
    if (pool == nullptr) return keep(to, from, id, in);
    const auto [bias, relu] = between(from, readers, id);
    if (!bias && !relu) return keep(to, from, id, in);
    Fused fused = {*pool, {}};
    std::vector<Value> inputs = in;
    if (relu) inputs = to.node(inputs[0]).inputs;
    if (bias) {
      inputs = to.node(inputs[0]).inputs;
      fused.epilogue.emplace_back(BiasAdd{});
    }
    if (relu) fused.epilogue.emplace_back(Relu{});
    return keep_as(std::move(fused), to, from, id, inputs);
  });
}

}  // namespace evenkeel
