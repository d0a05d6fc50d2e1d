// SPDX-License-Identifier: Apache-2.0
// What the losses have in common.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Fails unless input 1 is labels i32[N] or targets of input 0's type; input 0 is [N,K].
void require_labels(const ShapeScope& in);
// The types of a loss: losses[N], correct i32[N], the gradient [N,K].
Types loss_types(const ShapeScope& in);
// d losses / d input 0 is output 2, row by row times the gradient of its loss.
void scale_loss_gradient(GradientScope& scope);

}  // namespace evenkeel
