// SPDX-License-Identifier: Apache-2.0
// Random small networks and training steps, the same for the same seed: what passes, kernels and
// texts are tried on.
#pragma once

#include <cstdint>

#include "evenkeel/graph/graph.h"

namespace evenkeel::test {

// A verified mode-less graph: input "images" (u8 or f32, [N,H,W,C]), output "logits" [N,K]. Made of
// convolutions (strides, four-sided padding, dilation, odd channels, depthwise), biases,
// activations, both poolings, batch norm (plain and renorm), transposes, dropout, residual
// additions, concatenations, gates, dense layers, and what passes are there to remove: equal nodes,
// nodes that nobody reads, reshapes to the same shape, scales by 1.
Graph random_model(std::uint64_t seed);

// The same network with batch statistics as one whole training step: inputs "labels" i32[N],
// "learning_rate" f64[] and "step" i64[], with dropout also "seed" i64[] and "samples" i64[N], mean
// cross-entropy, gradients, for every fourth seed clipped, one of the update rules, guard and
// updates; outputs "loss" and "correct".
Graph random_step(std::uint64_t seed);

}  // namespace evenkeel::test
