// SPDX-License-Identifier: Apache-2.0
// Which kernel computes a node, and on which grid. It depends on types, batch, threads, preference
// and on the kernels of this build and processor; never on time.
#pragma once

#include <vector>

#include "evenkeel/compile/plan.h"
#include "evenkeel/kernels/table.h"

namespace evenkeel {

struct Machine {
  int threads = 1;
  KernelPreference kernels = KernelPreference::automatic;
};

// The slice of a batch that convolutions, poolings and what joins them run on: at most 16 samples
// (slices of 8 to 32 are equally fast, larger ones leave the cache; what a lane keeps of one is
// memory), and small enough that four lanes have work. It divides the batch, or leaves one shorter
// slice.
std::int64_t slice_of(std::int64_t batch);

// Channels that are too few to be shared among threads by blocks of them (a cache line, 16 floats).
inline constexpr std::int64_t kFewChannels = 64;

struct Assignment {
  const KernelEntry* entry = nullptr;  // none for inputs, states and reshapes
  PhaseKind kind = PhaseKind::whole;
  std::int64_t extent = 1;
  std::int64_t slice = 0;  // of PhaseKind::samples
  Needs needs;
};

// The node's call with the batch bound, in dense layout (a reorder keeps its layouts).
Call call_of(const Graph& graph, NodeId node, std::int64_t batch, int threads);
// Whether a native kernel would compute `op`, which is no node yet, on values of `graph`.
bool runs_natively(const Op& op, const Graph& graph, const std::vector<Value>& inputs,
                   std::int64_t batch, const Machine& machine);
// True where each output sample depends on the same sample of the inputs alone (and on whole
// values).
bool samplewise(const Graph& graph, NodeId node);
// Samples where the node is samplewise, what it reads whole (weights) is no larger than what it
// reads and writes of a slice, and it is not by many channels; else the grid of the first kernel
// that accepts the call.
Assignment assign(const Graph& graph, NodeId node, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
