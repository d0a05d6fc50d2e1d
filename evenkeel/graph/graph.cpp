// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/graph.h"

#include <algorithm>
#include <utility>

#include "evenkeel/base/suggest.h"

namespace evenkeel {
namespace {

void check_type(const std::string& node, const ValueType& type) {
  const bool bytes_fit = type.layout.dense() ? type.packed_bytes == 0 : type.packed_bytes > 0;
  if (!valid_extents(type.shape) || !bytes_fit)
    throw InvalidArgument(node,
                          "expected dimensions of at least 1 (N only in front), at most 2^40 "
                          "elements and bytes only where packed, got " +
                              to_string(type));
}

// Long names are not worth the quadratic search for their neighbours.
std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  return name.size() > 200 ? std::string() : did_you_mean(name, known);
}

}  // namespace

// Here, so that what they need of every op is compiled once.
Graph::Graph(std::string name) : name_(std::move(name)) {}
Graph::Graph(const Graph&) = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(const Graph&) = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

bool operator==(const Node& a, const Node& b) {
  return a.name == b.name && a.op == b.op && a.inputs == b.inputs && a.outputs == b.outputs;
}

bool operator==(const Graph& a, const Graph& b) {
  return a.name_ == b.name_ && a.nodes_ == b.nodes_ && a.updates_ == b.updates_ &&
         a.guards_ == b.guards_ && a.checks_after_ == b.checks_after_ && a.outputs_ == b.outputs_;
}

void Graph::require_value(const std::string& where, Value value) const {
  if (value.node >= nodes_.size() || value.output >= nodes_[value.node].outputs.size())
    throw InvalidArgument(where, "expected a value of this graph, got output " +
                                     std::to_string(value.output) + " of node " +
                                     std::to_string(value.node));
}

std::string Graph::unique(std::string_view name) const {
  std::string result(name);
  for (int suffix = 2; by_name_.count(result) > 0; ++suffix)
    result = std::string(name) + "_" + std::to_string(suffix);
  return result;
}

Value Graph::add(Op op, std::vector<Value> inputs, std::string_view name) {
  std::string wanted(name.empty() ? name_of(op) : name);
  if (!prefix_.empty()) wanted = prefix_ + "/" + wanted;
  Node node{unique(wanted), std::move(op), std::move(inputs), {}};
  Types types;
  types.reserve(node.inputs.size());
  for (const Value input : node.inputs) {
    require_value(node.name, input);
    types.push_back(type(input));
  }
  const ShapeScope scope(node.name, name_of(node.op), types);
  node.outputs = std::visit([&](const auto& rule) { return rule.infer(scope); }, node.op);
  for (const ValueType& output : node.outputs) check_type(node.name, output);

  const auto id = static_cast<NodeId>(nodes_.size());
  by_name_.emplace(node.name, id);
  nodes_.push_back(std::move(node));
  return {id, 0};
}

void Graph::truncate(NodeId count) {
  const auto gone = [&](const Update& each) {
    return each.state >= count || each.value.node >= count;
  };
  updates_.erase(std::remove_if(updates_.begin(), updates_.end(), gone), updates_.end());
  for (; nodes_.size() > count; nodes_.pop_back()) by_name_.erase(nodes_.back().name);
}

void Graph::update(Value state, Value value) {
  require_value("update", state);
  const Node& target = node(state);
  require_value(target.name, value);
  if (!std::holds_alternative<State>(target.op))
    throw InvalidArgument(target.name, "expected a state to update, got " +
                                           std::string(name_of(target.op)) + " node");
  if (type(state) != type(value))
    throw InvalidArgument(target.name, "expected an update of type " + to_string(type(state)) +
                                           ", got " + to_string(type(value)));
  if (std::any_of(updates_.begin(), updates_.end(),
                  [&](const Update& other) { return other.state == state.node; }))
    throw InvalidArgument(target.name, "expected one update of a state, got a second");
  updates_.push_back({state.node, value});
}

void Graph::guard(Value value) {
  require_value("guard", value);
  guards_.push_back(value);
}

void Graph::check_after(Value value) {
  require_value("check", value);
  checks_after_.push_back(value);
}

void Graph::output(std::string name, Value value) {
  require_value(name, value);
  if (std::any_of(outputs_.begin(), outputs_.end(),
                  [&](const Output& other) { return other.name == name; }))
    throw InvalidArgument(name, "expected one output of that name, got a second");
  outputs_.push_back({std::move(name), value});
}

void Graph::set_layout(Value value, Layout layout, std::int64_t bytes) {
  ValueType packed = type(value);
  packed.layout = std::move(layout);
  packed.packed_bytes = bytes;
  check_type(node(value).name, packed);
  nodes_[value.node].outputs[value.output] = std::move(packed);
}

NodeId Graph::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  if (found != by_name_.end()) return found->second;
  std::vector<std::string> known;
  for (const Node& node : nodes_) known.push_back(node.name);
  throw InvalidArgument(name_,
                        "no node is named '" + std::string(name) + "'" + nearest(name, known));
}

Value Graph::find_output(std::string_view name) const {
  std::vector<std::string> known;
  for (const Output& output : outputs_) {
    if (output.name == name) return output.value;
    known.push_back(output.name);
  }
  throw InvalidArgument(name_,
                        "no output is named '" + std::string(name) + "'" + nearest(name, known));
}

bool fits(const ValueType& type, const ValueType& inferred, const Op& op) {
  const bool told_by_attributes =
      std::holds_alternative<Reorder>(op) || std::holds_alternative<Input>(op) ||
      std::holds_alternative<State>(op) || std::holds_alternative<Constant>(op);
  if (told_by_attributes) return type == inferred;
  return type.dtype == inferred.dtype && type.shape == inferred.shape;
}

std::vector<Value> trained_states(const Graph& graph) {
  std::vector<Value> result;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const auto* state = std::get_if<State>(&graph.node(id).op);
    if (state != nullptr && trained(state->role) && !state->frozen) result.push_back({id, 0});
  }
  return result;
}

std::string_view layer_of(std::string_view node_name) {
  return node_name.substr(0, node_name.find('/'));
}

}  // namespace evenkeel
