// SPDX-License-Identifier: Apache-2.0
// JPEG, by libjpeg-turbo; formats/image.h says what becomes of its kinds.
#pragma once

#include "evenkeel/formats/image.h"

namespace evenkeel {

bool is_jpeg(std::span<const std::byte> bytes);
Image parse_jpeg(std::span<const std::byte> bytes, const std::string& where);

}  // namespace evenkeel
