// SPDX-License-Identifier: Apache-2.0
// What the layers with windows share: how their options become an op's attributes.
#pragma once

#include <string>

#include "evenkeel/model/scope.h"

namespace evenkeel::layers {

inline Pair pair_of(const Size2& size) { return {size.height, size.width}; }

// The four sides for windows `window` (dilation counted in) over x: [N,H,W,C].
Padding4 padding_for(const ImagePadding& padding, const Shape& x, Pair window, Pair stride);

// Fails unless x is [N,H,W,C]; `what` begins the sentence, "a convolution".
void require_image(const Scope& scope, Value x, const std::string& what);
// Fails unless sizes are positive and the window fits into the padded image at least once; says the
// largest that would.
void require_window(const Scope& scope, const Shape& x, Pair window, Pair stride, Padding4 padding);

}  // namespace evenkeel::layers
