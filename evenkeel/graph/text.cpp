// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/text.h"

#include "evenkeel/graph/text_cursor.h"

namespace evenkeel {
namespace {

std::string value_text(const Graph& graph, Value value) {
  const Node& node = graph.node(value);
  std::string text = std::holds_alternative<State>(node.op) ? "@" : "%";
  text += name_text(node.name);
  if (value.output > 0) text += "." + std::to_string(value.output);
  return text;
}

void write_node(std::string& out, const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  std::string types;
  for (std::uint32_t output = 0; output < node.outputs.size(); ++output) {
    out += (output > 0 ? ", " : "") + value_text(graph, {id, output});
    types += (output > 0 ? ", " : "") + to_string(node.outputs[output]);
  }
  out += " = " + std::string(name_of(node.op));
  for (std::size_t index = 0; index < node.inputs.size(); ++index)
    out += (index > 0 ? ", " : " ") + value_text(graph, node.inputs[index]);
  const std::string attributes = attributes_text(node.op);
  if (!attributes.empty()) out += " " + attributes;
  out += " : " + types + "\n";
}

}  // namespace

std::string to_text(const Graph& graph) {
  std::string out = "graph " + name_text(graph.name()) + "\n";
  for (NodeId id = 0; id < graph.nodes().size(); ++id) write_node(out, graph, id);
  for (const Update& update : graph.updates())
    out += "update " + value_text(graph, {update.state, 0}) + " <- " +
           value_text(graph, update.value) + "\n";
  for (const Value value : graph.guards()) out += "guard " + value_text(graph, value) + "\n";
  for (const Value value : graph.checks_after()) out += "check " + value_text(graph, value) + "\n";
  for (const Output& output : graph.outputs())
    out += "output " + name_text(output.name) + " = " + value_text(graph, output.value) + "\n";
  return out;
}

}  // namespace evenkeel
