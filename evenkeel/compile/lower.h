// SPDX-License-Identifier: Apache-2.0
// The last stage: a lowered graph becomes a plan.
#pragma once

#include "evenkeel/compile/assignment.h"

namespace evenkeel {

// Values of a phase over samples may take this much of a worker's cache share (L2 and half of a 32
// MB L3).
inline constexpr std::int64_t kSliceCacheBytes = std::int64_t{16} << 20;

// Chooses kernels, cuts phases, places every value and makes the kernels. Nodes that depend on
// state alone go to `prepare` where the graph updates nothing.
Plan lower(const Graph& graph, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
