// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/sha256.h"

#include <gtest/gtest.h>

#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

// FIPS 180-4's examples.
TEST(Sha256, gives_the_published_digests) {
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(test::bytes_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace evenkeel
