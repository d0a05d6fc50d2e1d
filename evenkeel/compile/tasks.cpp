// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/tasks.h"

#include <algorithm>
#include <set>

namespace evenkeel {
namespace {

std::vector<bool> prepared_nodes(const Graph& graph) {
  const bool updates = !graph.updates().empty();
  std::vector<bool> prepared(graph.nodes().size());
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Node& node = graph.node(id);
    bool fixed = !std::holds_alternative<Input>(node.op);
    if (std::holds_alternative<State>(node.op)) fixed = !updates;
    for (const Value input : node.inputs) fixed = fixed && prepared[input.node];
    prepared[id] = fixed;
  }
  return prepared;
}

// Does the task read that input beyond the block or slice that it works on?
bool reads_whole(const Lowering& lowering, NodeId id, std::size_t index) {
  const ValueType& type = lowering.graph.type(lowering.graph.node(id).inputs[index]);
  const auto& whole = lowering.assignments[id].needs.whole;
  if (lowering.assignments[id].kind != PhaseKind::samples &&
      std::find(whole.begin(), whole.end(), static_cast<int>(index)) != whole.end())
    return true;
  const ValueType& output = lowering.graph.node(id).outputs[0];
  switch (lowering.assignments[id].kind) {
    case PhaseKind::samples:
      return !type.shape.dynamic();
    case PhaseKind::channels:
      return type.shape.rank() == 0 || output.shape.rank() == 0 ||
             type.shape.back() != output.shape.back();
    case PhaseKind::elements:
      return type.shape.elements() != output.shape.elements();
    default:
      return true;
  }
}

std::int64_t slice_bytes(const Lowering& lowering, NodeId id) {
  const Assignment& assignment = lowering.assignments[id];
  if (assignment.kind != PhaseKind::samples) return 0;
  auto bytes = static_cast<std::int64_t>(assignment.needs.scratch_bytes);
  for (const ValueType& type : lowering.graph.node(id).outputs)
    bytes += type.bytes(assignment.slice);
  return bytes;
}

// All nodes that the guards wait for.
std::vector<bool> guard_ancestors(const Graph& graph) {
  std::vector<bool> needed(graph.nodes().size(), false);
  for (const Value value : graph.guards()) needed[value.node] = true;
  for (std::size_t id = needed.size(); id-- > 0;)
    if (needed[id])
      for (const Value input : graph.node(static_cast<NodeId>(id)).inputs)
        needed[input.node] = true;
  return needed;
}

// Must `task` wait for `other`?
bool waits_for(const std::vector<Task>& tasks, int task, int other) {
  std::vector<int> open = {task};
  std::set<int> seen = {task};
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
    if (at == other) return true;
    for (const int before : tasks[static_cast<std::size_t>(at)].after)
      if (seen.insert(before).second) open.push_back(before);
  }
  return false;
}

// A new state may be made in place once every other reader of the old one has run; where a reader
// waits for the maker itself, or for another update that waits for it, the value is copied at the
// end instead.
void wait_for_readers(const Lowering& lowering, TaskGraph& result) {
  const Graph& graph = lowering.graph;
  for (std::size_t u = 0; u < graph.updates().size(); ++u) {
    const Update& update = graph.updates()[u];
    const int value = lowering.values.of(update.value);
    const NodeId maker = lowering.values.maker(value).node;
    const int writer = result.task_of[maker];
    if (writer < 0 || result.update_of[static_cast<std::size_t>(value)] >= 0) continue;
    if (!lowering.values.readers(value).empty()) continue;
    std::vector<int> readers;
    for (const NodeId reader : lowering.values.readers(lowering.values.of({update.state, 0})))
      if (reader != maker && result.task_of[reader] >= 0) readers.push_back(result.task_of[reader]);
    if (std::any_of(readers.begin(), readers.end(),
                    [&](int reader) { return waits_for(result.tasks, reader, writer); }))
      continue;
    Task& task = result.tasks[static_cast<std::size_t>(writer)];
    task.after.insert(task.after.end(), readers.begin(), readers.end());
    task.earlier.insert(task.earlier.end(), readers.begin(), readers.end());
    task.updates = true;
    result.update_of[static_cast<std::size_t>(value)] = static_cast<int>(u);
  }
}

}  // namespace

Lowering::Lowering(const Graph& g, std::int64_t n, const Machine& m)
    : graph(g), batch(n), machine(m), values(g), prepared(prepared_nodes(g)) {
  for (NodeId id = 0; id < graph.nodes().size(); ++id)
    assignments.push_back(assign(graph, id, batch, machine));
}

TaskGraph make_tasks(const Lowering& lowering, bool prepared) {
  const Graph& graph = lowering.graph;
  TaskGraph result;
  result.task_of.assign(graph.nodes().size(), -1);
  result.update_of.assign(static_cast<std::size_t>(lowering.values.count()), -1);
  const std::vector<bool> guarded = guard_ancestors(graph);
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Assignment& assignment = lowering.assignments[id];
    if (assignment.entry == nullptr || lowering.prepared[id] != prepared) continue;
    Task task;
    task.kind = assignment.kind;
    task.extent = assignment.extent;
    task.slice_bytes = slice_bytes(lowering, id);
    task.before_guard = guarded[id];
    const auto& inputs = graph.node(id).inputs;
    for (std::size_t index = 0; index < inputs.size(); ++index) {
      const NodeId maker = lowering.values.maker(lowering.values.of(inputs[index])).node;
      const int before = result.task_of[maker];
      if (before < 0) continue;
      task.after.push_back(before);
      if (reads_whole(lowering, id, index)) task.earlier.push_back(before);
    }
    result.task_of[id] = static_cast<int>(result.tasks.size());
    result.nodes.push_back(id);
    result.tasks.push_back(std::move(task));
  }
  wait_for_readers(lowering, result);
  return result;
}

}  // namespace evenkeel
