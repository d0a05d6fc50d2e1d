// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/simplify.h"

namespace evenkeel {
namespace {

// The constant that a value is, if it is one.
const Constant* constant(const Graph& graph, Value value) {
  return std::get_if<Constant>(&graph.node(value).op);
}

// A value that stands for the node's output, or nothing where no rule applies.
std::optional<Value> replacement(Graph& to, const Node& node, const std::vector<Value>& in) {
  if (const auto* reshape = std::get_if<Reshape>(&node.op)) {
    Value source = in[0];
    while (std::holds_alternative<Reshape>(to.node(source).op)) source = to.node(source).inputs[0];
    if (to.type(source) == node.outputs[0]) return source;
    if (source != in[0]) return to.add(*reshape, {source}, node.name);
  } else if (const auto* transpose = std::get_if<Transpose>(&node.op)) {
    const Node before = to.node(in[0]);
    if (const auto* first = std::get_if<Transpose>(&before.op)) {
      const std::vector<std::int64_t> axes = composed_axes(first->axes, transpose->axes);
      if (identity_axes(axes)) return before.inputs[0];
      return to.add(Transpose{axes}, {before.inputs[0]}, node.name);
    }
    if (identity_axes(transpose->axes)) return in[0];
  } else if (const auto* scale = std::get_if<Scale>(&node.op)) {
    if (scale->factor == 1.0 && to.type(in[0]) == node.outputs[0]) return in[0];
  } else if (std::holds_alternative<ScaleAxis>(node.op)) {
    const Constant* factor = constant(to, in[1]);
    if (factor != nullptr && factor->value == 1.0) return in[0];
  } else if (std::holds_alternative<BiasAdd>(node.op)) {
    const Node& before = to.node(in[0]);
    if (std::holds_alternative<BiasAdd>(before.op)) {
      const std::vector<Value> inner = before.inputs;
      const Value sum = to.add(Add{}, {inner[1], in[1]}, node.name + "/sum");
      return to.add(BiasAdd{}, {inner[0], sum}, node.name);
    }
  }
  return std::nullopt;
}

}  // namespace

Graph simplify(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    if (const auto value = replacement(to, from.node(id), in)) return std::vector<Value>{*value};
    return keep(to, from, id, in);
  });
}

}  // namespace evenkeel
