// SPDX-License-Identifier: Apache-2.0
// Checks on a finished plan's numbers that running it in order is safe. Knows nothing of graphs or
// kernels.
#pragma once

#include "evenkeel/compile/plan.h"

namespace evenkeel {

// Throws RuntimeFailure, naming step and phase, where
// - a step reads bytes that do not hold the value it means (never made, or overwritten since),
// - a state is written before the guard, or read as it was at the step's start after it was
// written,
// - two steps of one phase write the same bytes, or an operand lies outside its space,
// - a step overwrites what it reads without its kernel allowing that, or a state that the graph
//   updates is never written.
// Lanes of one phase are not told apart: that they read their own slices alone is the schedule's
// promise.
void check_plan(const Plan& plan);

}  // namespace evenkeel
