// SPDX-License-Identifier: Apache-2.0
// From a graph to the tasks that scheduling cuts into phases.
#pragma once

#include <optional>
#include <vector>

#include "evenkeel/compile/schedule.h"
#include "evenkeel/compile/value_table.h"

namespace evenkeel {

struct TaskGraph {
  std::vector<NodeId> nodes;  // of each task
  std::vector<Task> tasks;
  std::vector<int> task_of;  // by node; -1 for one without a kernel, or of the other list
  std::vector<int>
      update_of;  // by value: index of the update that it may be written through, or -1
};

// Everything that the analyses of lowering share.
struct Lowering {
  const Graph& graph;
  std::int64_t batch;
  Machine machine;
  ValueTable values;
  std::vector<Assignment> assignments;  // by node
  std::vector<bool> prepared;           // by node: depends on state (or nothing) alone

  Lowering(const Graph& graph, std::int64_t batch, const Machine& machine);
};

// Tasks of the nodes with a kernel that are prepared (or not).
TaskGraph make_tasks(const Lowering& lowering, bool prepared);

}  // namespace evenkeel
