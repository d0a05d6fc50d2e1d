// SPDX-License-Identifier: Apache-2.0
// An image of another size, in grey or in colour.
#pragma once

#include <cstdint>

#include "evenkeel/base/export.h"
#include "evenkeel/formats/image.h"

namespace evenkeel {

// Stretched to height x width, each axis by itself: where it shrinks, the mean of the area that a
// new pixel covers; where it grows, linear between the centres of the two nearest pixels. Rounded
// once, at the end. InvalidArgument unless both are at least 1 and make at most kMostPixels.
EVENKEEL_API Image resized(const Image& image, std::int64_t height, std::int64_t width);

// 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as JPEG has it); grey stays.
EVENKEEL_API Image to_grey(const Image& image);
// Grey three times; colour stays.
EVENKEEL_API Image to_colour(const Image& image);
// Whether red, green and blue are equal everywhere, so that to_grey loses nothing.
EVENKEEL_API bool is_grey(const Image& image);
// 255 - v.
EVENKEEL_API Image inverted(const Image& image);
// Mean of all values.
EVENKEEL_API double brightness(const Image& image);

}  // namespace evenkeel
