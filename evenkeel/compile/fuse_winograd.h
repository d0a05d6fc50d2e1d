// SPDX-License-Identifier: Apache-2.0
// Batch norm into Winograd's convolutions before and behind it.
#pragma once

#include "evenkeel/compile/assignment.h"

namespace evenkeel {

// channel_moments of each sample of a winograd_conv2d's y become its epilogue. And
// batch_norm_apply, with relu behind it or not, of which nothing but winograd_conv2d and
// winograd_conv2d_grad_kernel read the map as their x, becomes the prologue of each of them: the
// map is made again, strip by strip, wherever it is read, and is in no memory.
Graph fuse_winograd(const Graph& graph, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
