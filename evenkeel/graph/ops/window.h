// SPDX-License-Identifier: Apache-2.0
// How a window slides over a padded image: what convolution and pooling share.
#pragma once

#include <string>

#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// {P, Q}: how often a window of `window` fits into an image of `size` = {H, W}. Fails where an
// attribute makes no sense or the padded image is smaller than the window.
Pair window_positions(const ShapeScope& in, Pair size, Pair window, Pair stride, Padding4 padding);

// The window that a kernel of size {R, S} spans with its taps `dilation` apart.
Pair dilated(const ShapeScope& in, Pair kernel, Pair dilation);

// window_positions for pooling, where every window must hold at least one element of the image.
Pair pool_positions(const ShapeScope& in, Pair size, Pair window, Pair stride, Padding4 padding);

// Fails unless `dy` has the batch, P and Q that the forward op makes.
void require_positions(const ShapeScope& in, const ValueType& dy, Pair positions);

std::string to_string(const Pair& pair);

}  // namespace evenkeel
