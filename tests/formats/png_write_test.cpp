// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/png.h"
#include "tests/support/image_files.h"

namespace evenkeel {
namespace {

TEST(PngBytes, ReadBackToTheSamePixels) {
  for (const std::int64_t channels : {1, 3})
    for (const auto& [height, width] : {std::pair(1, 1), std::pair(5, 7), std::pair(64, 3)}) {
      const Image image = test::pattern_image(height, width, channels);
      EXPECT_EQ(parse_png(png_bytes(image), "here"), image);
    }
}

TEST(PngBytes, RefusesWhatIsNoPicture) {
  EXPECT_THROW(png_bytes({}), InvalidArgument);
  EXPECT_THROW(png_bytes({1, 1, 2, {1, 2}}), InvalidArgument);
  EXPECT_THROW(png_bytes({2, 2, 1, {1, 2, 3}}), InvalidArgument);
  EXPECT_THROW(png_bytes({std::int64_t{1} << 40, std::int64_t{1} << 40, 1, {}}), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
