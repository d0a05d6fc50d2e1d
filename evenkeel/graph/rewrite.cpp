// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

// Which value of the new graph stands for each value of the old one.
class Mapping {
 public:
  explicit Mapping(const Graph& from) : from_(from) { values_.reserve(from.nodes().size()); }

  void append(std::vector<Value> replacement) {
    const Node& node = from_.nodes()[values_.size()];
    if (!replacement.empty() && replacement.size() != node.outputs.size())
      throw RuntimeFailure(node.name, "expected a replacement of " +
                                          std::to_string(node.outputs.size()) + " values, got " +
                                          std::to_string(replacement.size()));
    values_.push_back(std::move(replacement));
  }

  bool removed(Value value) const { return values_[value.node].empty(); }

  Value operator()(Value value) const {
    if (removed(value))
      throw RuntimeFailure(
          from_.node(value).name,
          "expected a node that nobody reads, got one that a pass removed although "
          "an update, a guard, a check or an output still needs it");
    return values_[value.node][value.output];
  }

 private:
  const Graph& from_;
  std::vector<std::vector<Value>> values_;
};

}  // namespace

Graph rewrite(const Graph& from, const Replace& replace) {
  Graph to(from.name());
  Mapping mapped(from);
  for (NodeId id = 0; id < from.nodes().size(); ++id) {
    const std::vector<Value>& old = from.node(id).inputs;
    if (std::any_of(old.begin(), old.end(), [&](Value input) { return mapped.removed(input); })) {
      mapped.append({});
      continue;
    }
    std::vector<Value> inputs;
    inputs.reserve(old.size());
    for (const Value input : old) inputs.push_back(mapped(input));
    mapped.append(replace(to, from, id, inputs));
  }
  for (const Update& update : from.updates())
    to.update(mapped({update.state, 0}), mapped(update.value));
  for (const Value value : from.guards()) to.guard(mapped(value));
  for (const Value value : from.checks_after()) to.check_after(mapped(value));
  for (const Output& output : from.outputs()) to.output(output.name, mapped(output.value));
  return to;
}

std::vector<Value> keep(Graph& to, const Graph& from, NodeId node,
                        const std::vector<Value>& inputs) {
  return keep_as(from.node(node).op, to, from, node, inputs);
}

std::vector<Value> keep_as(Op op, Graph& to, const Graph& from, NodeId node,
                           const std::vector<Value>& inputs) {
  const Node& old = from.node(node);
  const Value first = to.add(std::move(op), inputs, old.name);
  std::vector<Value> values;
  values.reserve(old.outputs.size());
  for (std::uint32_t output = 0; output < old.outputs.size(); ++output) {
    values.push_back({first.node, output});
    // A layout is the planner's word; no shape rule would bring it back.
    to.set_layout(values.back(), old.outputs[output].layout, old.outputs[output].packed_bytes);
  }
  return values;
}

}  // namespace evenkeel
