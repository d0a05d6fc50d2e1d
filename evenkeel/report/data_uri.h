// SPDX-License-Identifier: Apache-2.0
// Pictures within a page: "data:image/png;base64,..." for the src of an <img>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "evenkeel/formats/image.h"

namespace evenkeel {

// RFC 4648, section 4, padded.
std::string base64(std::span<const std::byte> bytes);
// As PNG. An image with more than `longest` pixels on a side is made smaller, in proportion.
std::string data_uri(const Image& image, std::int64_t longest = 64);

}  // namespace evenkeel
