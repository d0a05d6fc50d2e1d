// SPDX-License-Identifier: Apache-2.0
// The same network in another precision or for one batch size.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// The same graph computed in f32 or f64: inputs, states, constants and scales change their dtype,
// and all others follow. What an op wants in f64 whatever it computes in (Adam's lr) stays.
EVENKEEL_API Graph with_float(const Graph& graph, DType dtype);

// The same graph for `batch` samples: no dimension is dynamic any more. Reshape keeps its kBatch,
// which stands for whatever its input has.
EVENKEEL_API Graph bind_batch(const Graph& graph, std::int64_t batch);

}  // namespace evenkeel
