// SPDX-License-Identifier: Apache-2.0
// Random feeds for any graph, and graphs held against each other and against their plans.
#pragma once

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/kernels/reference/interpreter.h"

namespace evenkeel::test {

// One tensor for each input and state of `graph`: statistics positive, labels in range, counters 0.
NamedTensors random_feeds(const Graph& graph, std::int64_t batch, std::uint64_t seed);

// Both graphs, interpreted on the same feeds, agree in all outputs and updates.
void expect_same_numbers(const Graph& a, const Graph& b, double tolerance);

// A plan of `graph` run on the feeds gives what the interpreter gives, within `tolerance` of each
// tensor's largest element. `level` is the graph's.
void expect_plan_agrees(const Graph& graph, Level level, const CompileOptions& options,
                        std::uint64_t seed, double tolerance);

}  // namespace evenkeel::test
