// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/formats/image.h"
#include "tests/fuzz/fuzz.h"

using namespace evenkeel;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Image image = parse_image(fuzz::bytes_of(data, size), "fuzz");
    fuzz::require(image.channels == 1 || image.channels == 3);
    fuzz::require(image.height > 0 && image.width > 0);
    fuzz::require(image.height * image.width <= kMostPixels);
    fuzz::require(static_cast<std::int64_t>(image.pixels.size()) ==
                  image.height * image.width * image.channels);
  } catch (const DataError&) {
  }
  return 0;
}
