// SPDX-License-Identifier: Apache-2.0
// A small picture in text: one character for two rows of pixels, so that squares stay square.
#pragma once

#include <string>

#include "evenkeel/formats/image.h"

namespace evenkeel {

enum class PictureStyle {
  ascii,   // shades from ' ' (black) to '@' (white), for dark on light as for light on dark
  blocks,  // UTF-8 half blocks in 256 colours, for terminals
};

// At most `columns` wide and 40 lines high: a larger picture is made smaller, in proportion. Every
// line ends with a line feed.
std::string picture(const Image& image, int columns, PictureStyle style);

}  // namespace evenkeel
