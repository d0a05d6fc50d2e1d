// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/placement.h"

#include <algorithm>

#include "evenkeel/compile/memory_plan.h"

namespace evenkeel {
namespace {

class Placer {
 public:
  Placer(const Lowering& lowering, const std::vector<PhaseDraft>& drafts)
      : l_(lowering), graph_(lowering.graph), drafts_(drafts) {
    result_.values.resize(static_cast<std::size_t>(l_.values.count()));
    result_.scratch.resize(graph_.nodes().size());
    time_of_.assign(graph_.nodes().size(), -1);
    for (std::size_t time = 0; time < drafts_.size(); ++time)
      for (const NodeId id : drafts_[time].nodes) time_of_[id] = static_cast<int>(time);
  }

  void place_states();
  void write_through(const TaskGraph& tasks);
  void place_in_worker(std::size_t time);
  void place_in_arena();
  Placement take() { return std::move(result_); }

 private:
  Operand& at(int value) { return result_.values[static_cast<std::size_t>(value)]; }
  std::int64_t bytes_of(int value) const {
    return graph_.type(l_.values.maker(value)).bytes(l_.batch);
  }
  bool local(int value, std::size_t time) const;
  Lifetime lifetime(int value) const;

  const Lowering& l_;
  const Graph& graph_;
  const std::vector<PhaseDraft>& drafts_;
  std::vector<int> time_of_;  // by node: its phase, or -1
  Placement result_;
};

void Placer::place_states() {
  for (NodeId id = 0; id < graph_.nodes().size(); ++id) {
    const auto* state = std::get_if<State>(&graph_.node(id).op);
    if (state == nullptr) continue;
    const int value = l_.values.of({id, 0});
    const int index = static_cast<int>(result_.states.size());
    at(value) = {Space::state, index, 0, 0, state->type.bytes(), value};
    result_.states.push_back({graph_.node(id).name, state->type, false});
  }
  for (const Update& update : graph_.updates()) {
    const int index = at(l_.values.of({update.state, 0})).state;
    result_.states[static_cast<std::size_t>(index)].written = true;
  }
}

void Placer::write_through(const TaskGraph& tasks) {
  for (int value = 0; value < l_.values.count(); ++value) {
    const int index = tasks.update_of[static_cast<std::size_t>(value)];
    if (index < 0) continue;
    const int state = l_.values.of({graph_.updates()[static_cast<std::size_t>(index)].state, 0});
    const Value made = l_.values.maker(value);
    const auto& pairs = l_.assignments[made.node].needs.in_place;
    const auto& inputs = graph_.node(made).inputs;
    const auto task = static_cast<std::size_t>(tasks.task_of[made.node]);
    bool possible = !tasks.tasks[task].before_guard;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (l_.values.of(inputs[i]) != state) continue;
      const std::pair<int, int> pair = {static_cast<int>(i), static_cast<int>(made.output)};
      possible = possible && std::find(pairs.begin(), pairs.end(), pair) != pairs.end();
    }
    if (!possible) continue;
    at(value) = at(state);
    at(value).value = value;
  }
}

// Made and read only inside the phase `time`.
bool Placer::local(int value, std::size_t time) const {
  if (result_.values[static_cast<std::size_t>(value)].value >= 0 || l_.values.outside(value))
    return false;
  const auto& readers = l_.values.readers(value);
  return std::all_of(readers.begin(), readers.end(),
                     [&](NodeId reader) { return time_of_[reader] == static_cast<int>(time); });
}

void Placer::place_in_worker(std::size_t time) {
  const PhaseDraft& draft = drafts_[time];
  std::vector<Lifetime> lifetimes;
  std::vector<Operand*> owners;
  std::vector<int> values;
  const auto add = [&](Operand& owner, std::int64_t bytes, std::size_t first, std::size_t last,
                       int value) {
    lifetimes.push_back({bytes, static_cast<std::int64_t>(first), static_cast<std::int64_t>(last)});
    owners.push_back(&owner);
    values.push_back(value);
  };
  for (std::size_t s = 0; s < draft.nodes.size(); ++s) {
    const NodeId id = draft.nodes[s];
    const auto scratch = static_cast<std::int64_t>(l_.assignments[id].needs.scratch_bytes);
    if (scratch > 0 && draft.kind != PhaseKind::team)
      add(result_.scratch[id], scratch, s, s, l_.values.count() + static_cast<int>(id));
    if (draft.kind != PhaseKind::samples) continue;
    for (std::uint32_t k = 0; k < graph_.node(id).outputs.size(); ++k) {
      const int value = l_.values.of({id, k});
      if (!local(value, time)) continue;
      std::size_t last = s;
      for (std::size_t later = s; later < draft.nodes.size(); ++later)
        for (const Value input : graph_.node(draft.nodes[later]).inputs)
          if (l_.values.of(input) == value) last = later;
      add(at(value), graph_.node(id).outputs[k].bytes(l_.assignments[id].slice), s, last, value);
    }
  }
  const MemoryPlan memory = plan_memory(lifetimes);
  for (std::size_t i = 0; i < owners.size(); ++i)
    *owners[i] = {Space::worker, -1, memory.offsets[i], 0, lifetimes[i].bytes, values[i]};
  result_.worker_bytes = std::max(result_.worker_bytes, memory.bytes);
}

// Inputs, prepared values that a run reads, and what is looked at after the run live throughout.
Lifetime Placer::lifetime(int value) const {
  const std::int64_t end = static_cast<std::int64_t>(drafts_.size());
  const NodeId maker = l_.values.maker(value).node;
  const int made = time_of_[maker];
  Lifetime result{bytes_of(value), made, made};
  bool throughout = made < 0 || l_.values.outside(value);
  for (const NodeId reader : l_.values.readers(value)) {
    result.last = std::max<std::int64_t>(result.last, time_of_[reader]);
    throughout |= l_.prepared[maker] && !l_.prepared[reader];
  }
  if (throughout) result = {result.bytes, l_.prepared[maker] || made < 0 ? 0 : made, end};
  return result;
}

void Placer::place_in_arena() {
  std::vector<Lifetime> lifetimes;
  std::vector<Operand*> owners;
  std::vector<int> values;
  for (int value = 0; value < l_.values.count(); ++value) {
    const Value maker = l_.values.maker(value);
    const bool made = time_of_[maker.node] >= 0;
    if (l_.values.of(maker) != value || at(value).value >= 0) continue;
    if (!made && !std::holds_alternative<Input>(graph_.node(maker).op)) continue;
    lifetimes.push_back(lifetime(value));
    owners.push_back(&at(value));
    values.push_back(value);
  }
  for (std::size_t time = 0; time < drafts_.size(); ++time) {
    if (drafts_[time].kind != PhaseKind::team) continue;
    const NodeId id = drafts_[time].nodes.front();
    const auto scratch = static_cast<std::int64_t>(l_.assignments[id].needs.scratch_bytes);
    if (scratch == 0) continue;
    lifetimes.push_back(
        {scratch, static_cast<std::int64_t>(time), static_cast<std::int64_t>(time)});
    owners.push_back(&result_.scratch[id]);
    values.push_back(l_.values.count() + static_cast<int>(id));
  }
  const MemoryPlan memory = plan_memory(lifetimes);
  result_.arena_bytes = memory.bytes;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    result_.arena_bytes_without_reuse += lifetimes[i].bytes;
    *owners[i] = {Space::arena, -1, memory.offsets[i], 0, lifetimes[i].bytes, values[i]};
  }
}

}  // namespace

Placement place(const Lowering& lowering, const std::vector<PhaseDraft>& drafts,
                const TaskGraph& tasks) {
  Placer placer(lowering, drafts);
  placer.place_states();
  placer.write_through(tasks);
  for (std::size_t time = 0; time < drafts.size(); ++time) placer.place_in_worker(time);
  placer.place_in_arena();
  return placer.take();
}

}  // namespace evenkeel
