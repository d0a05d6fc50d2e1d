// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/data_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/image_files.h"

namespace evenkeel {
namespace {

using ::testing::StartsWith;

std::string base64_of(const std::string& text) { return base64(std::as_bytes(std::span(text))); }

// The examples of RFC 4648, section 10.
TEST(Base64, PadsToFours) {
  EXPECT_EQ(base64_of(""), "");
  EXPECT_EQ(base64_of("f"), "Zg==");
  EXPECT_EQ(base64_of("fo"), "Zm8=");
  EXPECT_EQ(base64_of("foo"), "Zm9v");
  EXPECT_EQ(base64_of("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_of("\xff\xfe\xfd"), "//79");
}

TEST(DataUri, IsAPngAndLargeImagesAreMadeSmaller) {
  const std::string small = data_uri(test::pattern_image(8, 8, 3));
  EXPECT_THAT(small, StartsWith("data:image/png;base64,iVBORw0KGgo"));
  EXPECT_LT(data_uri(test::pattern_image(500, 300, 3)).size(), 20'000U);
  // A line that would be less than a pixel wide.
  EXPECT_THAT(data_uri(test::pattern_image(1, 500, 1)), StartsWith("data:image/png"));
}

}  // namespace
}  // namespace evenkeel
