// SPDX-License-Identifier: Apache-2.0
// What layer_norm and group_norm have in common.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Fails unless input `x` is [N,..,C], the `count` inputs behind it are [C], and epsilon is above 0.
void require_norm(const ShapeScope& in, std::size_t x, std::size_t count, double epsilon);
// The types of a gradient op with inputs (dy, x, gamma): dx, and the sums of each sample [N,C].
Types norm_gradient_types(const ShapeScope& in);
// The gradients by x, gamma and beta from the outputs of `grad`, such an op.
void set_norm_gradients(GradientScope& scope, NodeId grad);

}  // namespace evenkeel
