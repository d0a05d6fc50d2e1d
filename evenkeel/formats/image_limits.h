// SPDX-License-Identifier: Apache-2.0
// What an image's header may ask for.
#pragma once

#include <cstdint>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/image.h"

namespace evenkeel {

// height, width: as the header states them, at most 2^31 each. DataError over kMostPixels.
inline void require_pixels(std::int64_t height, std::int64_t width, const std::string& where) {
  if (height >= 1 && width >= 1 && height <= kMostPixels / width) return;
  throw DataError(where, "expected an image of at most " + std::to_string(kMostPixels >> 20) +
                             " million pixels, its header asks for " + std::to_string(width) + "x" +
                             std::to_string(height));
}

[[noreturn]] inline void fail_too_short(std::int64_t height, std::int64_t width, std::size_t bytes,
                                        const std::string& where) {
  throw DataError(where, "is damaged: its header asks for " + std::to_string(width) + "x" +
                             std::to_string(height) + " pixels, more than a file of " +
                             std::to_string(bytes) + " bytes can hold");
}

}  // namespace evenkeel
