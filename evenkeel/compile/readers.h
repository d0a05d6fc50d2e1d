// SPDX-License-Identifier: Apache-2.0
// Who reads each value: a side table that passes ask, never stored on nodes.
#pragma once

#include <map>
#include <vector>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

class Readers {
 public:
  explicit Readers(const Graph& graph) {
    for (NodeId id = 0; id < graph.nodes().size(); ++id)
      for (const Value input : graph.node(id).inputs) nodes_[input].push_back(id);
    for (const Update& update : graph.updates()) ++outside_[update.value];
    for (const Value value : graph.guards()) ++outside_[value];
    for (const Value value : graph.checks_after()) ++outside_[value];
    for (const Output& output : graph.outputs()) ++outside_[output.value];
  }

  // Nodes that read the value; a node that reads it twice stands twice.
  const std::vector<NodeId>& of(Value value) const {
    static const std::vector<NodeId> none;
    const auto found = nodes_.find(value);
    return found == nodes_.end() ? none : found->second;
  }
  // Read as an update, guard, check or output of the graph.
  bool outside(Value value) const { return outside_.count(value) > 0; }
  // Exactly one node reads it, and nothing else does.
  bool single(Value value) const { return of(value).size() == 1 && !outside(value); }

 private:
  std::map<Value, std::vector<NodeId>> nodes_;
  std::map<Value, int> outside_;
};

}  // namespace evenkeel
