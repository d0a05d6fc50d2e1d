// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/lower.h"

#include "evenkeel/compile/placement.h"

namespace evenkeel {
namespace {

void append_drafts(const TaskGraph& tasks, const PhaseSchedule& schedule, bool guarded,
                   std::vector<PhaseDraft>& drafts) {
  for (std::size_t p = 0; p <= schedule.phases.size(); ++p) {
    if (guarded && static_cast<int>(p) == schedule.guard) drafts.push_back({PhaseKind::guard, {}});
    if (p == schedule.phases.size()) return;
    PhaseDraft draft;
    for (const int task : schedule.phases[p]) {
      draft.kind = tasks.tasks[static_cast<std::size_t>(task)].kind;
      draft.nodes.push_back(tasks.nodes[static_cast<std::size_t>(task)]);
    }
    drafts.push_back(std::move(draft));
  }
}

// The operand as a step of a phase over `kind` sees it.
Operand operand(const Lowering& l, const Placement& placement, Value value, PhaseKind kind) {
  Operand result = placement.values[static_cast<std::size_t>(l.values.of(value))];
  const ValueType& type = l.graph.type(value);
  if (kind == PhaseKind::samples && type.shape.dynamic() && result.space != Space::worker)
    result.stride = type.bytes(1);
  return result;
}

Step make_step(const Lowering& l, const Placement& placement, NodeId id) {
  const Assignment& assignment = l.assignments[id];
  const Node& node = l.graph.node(id);
  const bool sliced = assignment.kind == PhaseKind::samples;
  const std::int64_t samples = sliced ? assignment.slice : l.batch;
  Step step;
  step.name = node.name;
  step.kernel = assignment.entry->name;
  step.in_place = assignment.needs.in_place;
  step.scratch = placement.scratch[id];
  const Call call = call_of(l.graph, id, samples, sliced ? 1 : l.machine.threads);
  step.full = assignment.entry->make(call);
  if (sliced) step.full_extent = assignment.entry->needs(call).extent;
  if (sliced && l.batch % samples != 0) {
    const Call tail = call_of(l.graph, id, l.batch % samples, 1);
    step.tail = assignment.entry->make(tail);
    step.tail_extent = assignment.entry->needs(tail).extent;
  }
  step.flops = assignment.needs.flops * static_cast<double>(l.batch) / static_cast<double>(samples);
  for (const Value input : node.inputs)
    step.inputs.push_back(operand(l, placement, input, assignment.kind));
  for (std::uint32_t k = 0; k < node.outputs.size(); ++k)
    step.outputs.push_back(operand(l, placement, {id, k}, assignment.kind));
  return step;
}

Checked checked(const Lowering& l, const Placement& placement, Value value) {
  const ValueType& type = l.graph.type(value);
  return {l.graph.node(value).name, operand(l, placement, value, PhaseKind::whole), type.dtype,
          type.shape.bound(l.batch).elements()};
}

Phase make_phase(const Lowering& l, const Placement& placement, const PhaseDraft& draft) {
  Phase phase;
  phase.kind = draft.kind;
  if (draft.kind == PhaseKind::guard)
    for (const Value value : l.graph.guards()) phase.checks.push_back(checked(l, placement, value));
  if (draft.nodes.empty()) return phase;
  phase.extent = l.assignments[draft.nodes.front()].extent;
  phase.slice = l.assignments[draft.nodes.front()].slice;
  for (const NodeId id : draft.nodes) phase.steps.push_back(make_step(l, placement, id));
  return phase;
}

// States that could not be written in place get their new values at the very end. A new value that
// is itself a state is copied aside first, so that two states may change places.
void append_commit(const Lowering& l, const Placement& placement, Plan& plan) {
  Phase commit;
  commit.kind = PhaseKind::commit;
  std::vector<Copy> second;
  for (const Update& update : l.graph.updates()) {
    const Operand state = operand(l, placement, {update.state, 0}, PhaseKind::whole);
    Operand made = operand(l, placement, update.value, PhaseKind::whole);
    if (made.space == Space::state && made.state == state.state) continue;
    if (made.space == Space::state) {
      const Operand aside = {Space::arena, -1, plan.arena_bytes, 0, made.bytes, made.value};
      plan.arena_bytes += static_cast<std::int64_t>((made.bytes + 63) / 64 * 64);
      commit.copies.push_back({made, aside, made.bytes});
      made = aside;
    }
    second.push_back({made, state, state.bytes});
  }
  commit.copies.insert(commit.copies.end(), second.begin(), second.end());
  if (!commit.copies.empty()) plan.run.push_back(std::move(commit));
}

void add_ports(const Lowering& l, const Placement& placement, Plan& plan) {
  for (NodeId id = 0; id < l.graph.nodes().size(); ++id)
    if (std::holds_alternative<Input>(l.graph.node(id).op))
      plan.inputs.push_back({l.graph.node(id).name, l.graph.node(id).outputs[0].bound(l.batch),
                             operand(l, placement, {id, 0}, PhaseKind::whole)});
  for (const Output& output : l.graph.outputs())
    plan.outputs.push_back({output.name, l.graph.type(output.value).bound(l.batch),
                            operand(l, placement, output.value, PhaseKind::whole)});
  for (const Value value : l.graph.checks_after())
    plan.checks_after.push_back(checked(l, placement, value));
}

}  // namespace

Plan lower(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const Lowering lowering(graph, batch, machine);
  const TaskGraph prepare = make_tasks(lowering, true);
  const TaskGraph run = make_tasks(lowering, false);
  std::vector<PhaseDraft> drafts;
  append_drafts(prepare, schedule(prepare.tasks, kSliceCacheBytes), false, drafts);
  const std::size_t prepared = drafts.size();
  append_drafts(run, schedule(run.tasks, kSliceCacheBytes), !graph.guards().empty(), drafts);
  const Placement placement = place(lowering, drafts, run);

  Plan plan;
  plan.graph = graph.name();
  plan.batch = batch;
  plan.threads = machine.threads;
  plan.states = placement.states;
  plan.arena_bytes = placement.arena_bytes;
  plan.arena_bytes_without_reuse = placement.arena_bytes_without_reuse;
  plan.worker_bytes = placement.worker_bytes;
  for (std::size_t time = 0; time < drafts.size(); ++time)
    (time < prepared ? plan.prepare : plan.run)
        .push_back(make_phase(lowering, placement, drafts[time]));
  append_commit(lowering, placement, plan);
  add_ports(lowering, placement, plan);
  return plan;
}

}  // namespace evenkeel
