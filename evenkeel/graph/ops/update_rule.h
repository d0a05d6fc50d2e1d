// SPDX-License-Identifier: Apache-2.0
// What the optimisers' update rules have in common.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Inputs 0 .. slots are the parameter and its slots, then comes the gradient, all of one type, then
// lr f64[]. Returns the new parameter and slots, and nonfinite i32[B], one count for each `block`.
Types update_types(const ShapeScope& in, std::size_t slots, std::int64_t block);

// Fails unless low <= value < 1, or value is finite and at least 0.
void require_fraction(const ShapeScope& in, const char* what, double value);
void require_not_negative(const ShapeScope& in, const char* what, double value);

}  // namespace evenkeel
