// SPDX-License-Identifier: Apache-2.0
// Statistics of few channels sample by sample.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// channel_moments and batch_norm_grad_sums of images with so few channels that blocks of them would
// not occupy all threads become those of each sample, and their union or sum: so they run slice by
// slice beside the convolution that makes what they read.
Graph split_statistics(const Graph& graph);

}  // namespace evenkeel
