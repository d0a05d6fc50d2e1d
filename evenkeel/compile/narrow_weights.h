// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "evenkeel/compile/assignment.h"

namespace evenkeel {

// In inference: the kernels of dense layers that hold at least kLeastNarrowed numbers are rounded
// to bf16, once for a state. Where a native product of this many rows reads bf16 it does; elsewhere
// they are widened again, so that a network's weights are the same at any batch.
Graph narrow_weights(const Graph& graph, std::int64_t batch, const Machine& machine);

// Fewer are in cache whatever their size.
inline constexpr std::int64_t kLeastNarrowed = 65536;

}  // namespace evenkeel
