// SPDX-License-Identifier: Apache-2.0
// PNG, by libpng; formats/image.h says what becomes of its kinds.
#pragma once

#include "evenkeel/formats/image.h"

namespace evenkeel {

bool is_png(std::span<const std::byte> bytes);
Image parse_png(std::span<const std::byte> bytes, const std::string& where);

}  // namespace evenkeel
