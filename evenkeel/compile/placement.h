// SPDX-License-Identifier: Apache-2.0
// Where every value of a plan lives: in a state, in a worker's scratch, or in the arena.
#pragma once

#include <vector>

#include "evenkeel/compile/tasks.h"

namespace evenkeel {

// A phase before its kernels are made: the nodes that it runs, in order. A guard has none.
struct PhaseDraft {
  PhaseKind kind = PhaseKind::whole;
  std::vector<NodeId> nodes;
};

struct Placement {
  std::vector<Operand> values;   // by value; `value` is -1 where it needs no place
  std::vector<Operand> scratch;  // by node
  std::vector<PlanState> states;
  std::int64_t arena_bytes = 0;
  std::int64_t arena_bytes_without_reuse = 0;
  std::int64_t worker_bytes = 0;
};

// `drafts`: the phases of prepare, then those of run. A new value of a state
// is made in the state itself where `tasks` found no later reader of the old one and the kernel
// allows it.
Placement place(const Lowering& lowering, const std::vector<PhaseDraft>& drafts,
                const TaskGraph& tasks);

}  // namespace evenkeel
