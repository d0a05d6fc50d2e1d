// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/sink_relu_grad.h"

namespace evenkeel {
namespace {

// The MaxPool2d node whose argmax feeds `grad` and whose input is `y`, if relu_grad(grad, y) may
// sink.
std::optional<NodeId> pool_of(const Graph& graph, Value grad, Value y) {
  if (!std::holds_alternative<MaxPool2dGrad>(graph.node(grad).op)) return std::nullopt;
  const Value argmax = graph.node(grad).inputs[1];
  if (!std::holds_alternative<MaxPool2d>(graph.node(argmax).op)) return std::nullopt;
  if (argmax.output != 1 || graph.node(argmax).inputs[0] != y) return std::nullopt;
  return argmax.node;
}

// relu_grad(grad, y), below every pooling that it can sink through.
Value sunk(Graph& to, Value grad, Value y, const std::string& name) {
  const auto pool = pool_of(to, grad, y);
  if (!pool) return to.add(ReluGrad{}, {grad, y}, name);
  const Node unpool = to.node(grad);
  const Value masked = sunk(to, unpool.inputs[0], {*pool, 0}, name + "_pooled");
  return to.add(unpool.op, {masked, unpool.inputs[1]}, name);
}

}  // namespace

Graph sink_relu_grad(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    if (std::holds_alternative<BiasGrad>(node.op) &&
        std::holds_alternative<MaxPool2dGrad>(to.node(in[0]).op))
      return keep(to, from, id, {to.node(in[0]).inputs[0]});
    if (!std::holds_alternative<ReluGrad>(node.op)) return keep(to, from, id, in);
    if (!pool_of(to, in[0], in[1])) return keep(to, from, id, in);
    return std::vector<Value>{sunk(to, in[0], in[1], node.name)};
  });
}

}  // namespace evenkeel
