// SPDX-License-Identifier: Apache-2.0
// A network, or a whole training step, as data: nodes in a vector in topological order, edges by
// NodeId. A value type: copy it, compare it, print it, parse it back.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "evenkeel/graph/op.h"

namespace evenkeel {

struct Node {
  std::string name;  // unique; its part before the first '/' is the layer
  Op op;
  std::vector<Value> inputs;
  Types outputs;
  EVENKEEL_API friend bool operator==(const Node& a, const Node& b);
};

// At the end of the step `state` (a State node) becomes `value`.
struct Update {
  NodeId state = 0;
  Value value;
  friend bool operator==(const Update&, const Update&) = default;
};

struct Output {
  std::string name;
  Value value;
  friend bool operator==(const Output&, const Output&) = default;
};

class EVENKEEL_API Graph {
 public:
  explicit Graph(std::string name = "graph");
  Graph(const Graph&);
  Graph(Graph&&) noexcept;
  Graph& operator=(const Graph&);
  Graph& operator=(Graph&&) noexcept;
  ~Graph();

  // Adds a node behind all others; its shape rule runs here, so a graph that exists is well typed.
  // A taken name gets the suffix _2, _3, …; an empty one is the op's.
  Value add(Op op, std::vector<Value> inputs, std::string_view name = {});
  // Takes back the nodes from `count` on and the updates of or by them; nothing else may need them.
  void truncate(NodeId count);
  void update(Value state, Value value);
  // No state is written before all guarded values are known to be finite.
  void guard(Value value);
  // Integer values that must be all zero after the step, or it is reported as failed.
  void check_after(Value value);
  void output(std::string name, Value value);

  const std::string& name() const { return name_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const Node& node(Value value) const { return nodes_[value.node]; }
  const ValueType& type(Value value) const { return nodes_[value.node].outputs[value.output]; }
  const std::vector<Update>& updates() const { return updates_; }
  const std::vector<Value>& guards() const { return guards_; }
  const std::vector<Value>& checks_after() const { return checks_after_; }
  const std::vector<Output>& outputs() const { return outputs_; }

  // Names of nodes that are added from now on begin with "<prefix>/"; returns the prefix until now.
  std::string set_prefix(std::string prefix) {
    std::swap(prefix, prefix_);
    return prefix;
  }

  const std::string& prefix() const { return prefix_; }

  // Says that a value is made in a packed layout; lowering alone does that.
  void set_layout(Value value, Layout layout, std::int64_t bytes);

  // The node of that name; find_output: the value of that output. Throw InvalidArgument with the
  // nearest name.
  NodeId find(std::string_view name) const;
  Value find_output(std::string_view name) const;
  // Throws InvalidArgument at `where` for a value that is none of this graph.
  void require_value(const std::string& where, Value value) const;
  bool contains(std::string_view name) const { return by_name_.count(std::string(name)) > 0; }

  EVENKEEL_API friend bool operator==(const Graph& a, const Graph& b);

 private:
  std::string unique(std::string_view name) const;

  std::string name_;
  std::string prefix_;  // of names, while building: no part of what the graph is
  std::vector<Node> nodes_;
  std::vector<Update> updates_;
  std::vector<Value> guards_;
  std::vector<Value> checks_after_;
  std::vector<Output> outputs_;
  std::unordered_map<std::string, NodeId> by_name_;
};

// Puts a prefix before the names of nodes added while it lives.
class GraphPrefix {
 public:
  GraphPrefix(Graph& graph, std::string prefix)
      : graph_(graph), before_(graph.set_prefix(std::move(prefix))) {}
  ~GraphPrefix() { graph_.set_prefix(std::move(before_)); }
  GraphPrefix(const GraphPrefix&) = delete;
  GraphPrefix& operator=(const GraphPrefix&) = delete;

 private:
  Graph& graph_;
  std::string before_;
};

// The states that training changes, in the graph's order: trained ones that are not frozen.
EVENKEEL_API std::vector<Value> trained_states(const Graph& graph);

// "conv1" of "conv1/relu".
EVENKEEL_API std::string_view layer_of(std::string_view node_name);

// Copies `from` node by node through `replace`, which may add other nodes to `to` and returns the
// values that stand for the node's outputs, or none to remove it and all that reads it. Updates,
// guards and outputs follow, and must not need what was removed. All passes go through here.
using Replace = std::function<std::vector<Value>(Graph& to, const Graph& from, NodeId node,
                                                 const std::vector<Value>& inputs)>;
EVENKEEL_API Graph rewrite(const Graph& from, const Replace& replace);
// The replacement that changes nothing.
EVENKEEL_API std::vector<Value> keep(Graph& to, const Graph& from, NodeId node,
                                     const std::vector<Value>& inputs);

// The same with another op in the node's place, of as many outputs.
EVENKEEL_API std::vector<Value> keep_as(Op op, Graph& to, const Graph& from, NodeId node,
                                        const std::vector<Value>& inputs);

// True where an output of `op` may have this type though its shape rule says `inferred`: a layout
// that no attribute gives is the planner's choice.
EVENKEEL_API bool fits(const ValueType& type, const ValueType& inferred, const Op& op);

template <typename OpType>
Value GradientScope::add(OpType op, const std::vector<Value>& inputs, std::string_view suffix) {
  return graph_.add(std::move(op), inputs, graph_.node(node_).name + "/" + std::string(suffix));
}

}  // namespace evenkeel
