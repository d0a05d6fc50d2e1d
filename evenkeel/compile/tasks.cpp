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

// Does `input` of a task lie beyond the block or slice that the task works on?
bool reads_whole(const Lowering& lowering, NodeId id, Value input) {
  const ValueType& type = lowering.graph.type(input);
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

std::set<NodeId> descendants(const Lowering& lowering, NodeId from) {
  std::set<NodeId> found = {from};
  const auto& nodes = lowering.graph.nodes();
  for (NodeId id = from + 1; id < nodes.size(); ++id)
    for (const Value input : nodes[id].inputs)
      if (found.count(input.node) > 0) found.insert(id);
  return found;
}

void wait_for_readers(const Lowering& lowering, TaskGraph& result) {
  const Graph& graph = lowering.graph;
  for (std::size_t u = 0; u < graph.updates().size(); ++u) {
    const Update& update = graph.updates()[u];
    const int value = lowering.values.of(update.value);
    const NodeId maker = lowering.values.maker(value).node;
    const int writer = result.task_of[maker];
    if (writer < 0 || result.update_of[static_cast<std::size_t>(value)] >= 0) continue;
    const std::set<NodeId> later = descendants(lowering, maker);
    const auto& readers = lowering.values.readers(lowering.values.of({update.state, 0}));
    const bool read_later = std::any_of(readers.begin(), readers.end(), [&](NodeId reader) {
      return reader != maker && later.count(reader) > 0;
    });
    if (read_later || !lowering.values.readers(value).empty()) continue;
    Task& task = result.tasks[static_cast<std::size_t>(writer)];
    for (const NodeId reader : readers) {
      const int before = result.task_of[reader];
      if (reader == maker || before < 0) continue;
      task.after.push_back(before);
      task.earlier.push_back(before);
    }
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
    for (const Value input : graph.node(id).inputs) {
      const NodeId maker = lowering.values.maker(lowering.values.of(input)).node;
      const int before = result.task_of[maker];
      if (before < 0) continue;
      task.after.push_back(before);
      if (reads_whole(lowering, id, input)) task.earlier.push_back(before);
    }
    result.task_of[id] = static_cast<int>(result.tasks.size());
    result.nodes.push_back(id);
    result.tasks.push_back(std::move(task));
  }
  wait_for_readers(lowering, result);
  return result;
}

}  // namespace evenkeel
