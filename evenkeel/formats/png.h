// SPDX-License-Identifier: Apache-2.0
// PNG, by libpng; formats/image.h says what becomes of the kinds that are read.
#pragma once

#include "evenkeel/formats/image.h"

namespace evenkeel {

bool is_png(std::span<const std::byte> bytes);
Image parse_png(std::span<const std::byte> bytes, const std::string& where);

// A file of 8 bits a channel, grey or colour. InvalidArgument for other channels, no pixels, or
// pixels that are not [H,W,C].
std::vector<std::byte> png_bytes(const Image& image);

}  // namespace evenkeel
