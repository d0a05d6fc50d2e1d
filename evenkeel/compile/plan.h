// SPDX-License-Identifier: Apache-2.0
// A plan: what the executor runs for one graph, one batch size and one number of threads. Plain
// data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "evenkeel/compile/pass.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel {

// Where a value lives: the arena (one block for the whole plan), a state tensor, or the scratch of
// the worker that runs the lane.
enum class Space : std::uint8_t { arena, state, worker };

// offset: bytes from the space's start (for a state: of the tensor, `state` its index in
// Plan::states). stride: bytes by which it advances per sample in a phase over samples; 0 = the
// whole value.
struct Operand {
  Space space = Space::arena;
  int state = -1;
  std::int64_t offset = 0;
  std::int64_t stride = 0;
  std::int64_t bytes = 0;  // of the whole value; of a slice in the worker's scratch
  int value = -1;          // which value it is: the plan checker follows it through memory
};

struct Step {
  std::string name;    // of the graph's node
  std::string kernel;  // of the kernel table's entry
  std::vector<Operand> inputs;
  std::vector<Operand> outputs;
  // Made for a whole call, or for a slice; `tail` for a last slice that is shorter.
  std::shared_ptr<const Kernel> full;
  std::shared_ptr<const Kernel> tail;
  // Blocks of a slice's call; in other phases the phase's extent counts.
  std::int64_t full_extent = 1;
  std::int64_t tail_extent = 1;
  Operand scratch;   // per worker; a team's lies in the arena
  double flops = 0;  // of the whole batch
  std::vector<std::pair<int, int>> in_place;
};

// How a phase's work is divided among lanes; after each phase all lanes meet.
enum class PhaseKind : std::uint8_t {
  samples,   // slices of the batch
  channels,  // blocks of channels
  elements,  // blocks of elements
  whole,     // one lane
  team,      // one step that owns all threads
  guard,     // stops the run where a checked value is not finite
  commit     // copies values into states that could not be written in place
};
std::string_view to_string(PhaseKind kind);

struct Checked {
  std::string name;
  Operand operand;
  DType dtype = DType::f32;
  std::int64_t elements = 0;
};

struct Copy {
  Operand from;
  Operand to;
  std::int64_t bytes = 0;
};

struct Phase {
  PhaseKind kind = PhaseKind::whole;
  std::int64_t extent = 1;  // slices or blocks
  std::int64_t slice = 0;   // samples in a slice
  std::vector<Step> steps;
  std::vector<Checked> checks;  // of a guard
  std::vector<Copy> copies;     // of a commit
};

struct PlanState {
  std::string name;
  ValueType type;
  bool written = false;
};

struct PlanPort {
  std::string name;
  ValueType type;  // bound to the batch
  Operand operand;
};

struct Plan {
  std::string graph;
  std::int64_t batch = 0;
  int threads = 1;
  std::vector<Phase> prepare;  // depends on state only; reruns when the state changed
  std::vector<Phase> run;
  std::vector<PlanState> states;
  std::vector<PlanPort> inputs;
  std::vector<PlanPort> outputs;
  std::vector<Checked> checks_after;
  std::int64_t arena_bytes = 0;
  std::int64_t arena_bytes_without_reuse = 0;
  std::int64_t worker_bytes = 0;  // scratch of one worker
  std::vector<PassRecord> passes;
};

}  // namespace evenkeel
