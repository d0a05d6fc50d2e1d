// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/reorder.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(ReorderShape, changes_the_layout_only) {
  EXPECT_EQ(infer(Reorder{{"blocked16"}, 4096}, "f32[4,4,2,32]"), "f32[4,4,2,32]<blocked16:4096>");
  EXPECT_EQ(infer(Reorder{{}, 0}, "f32[4,4,2,32]<blocked16:4096>"), "f32[4,4,2,32]");
}

TEST(ReorderShape, knows_the_bytes_of_a_packed_form_and_of_no_other) {
  const std::string start =
      "[reorder] expected dimensions of at least 1 (N only in front), at most 2^40 elements and "
      "bytes only where packed, got ";
  EXPECT_EQ(infer(Reorder{{"blocked16"}, 0}, "f32[4]"), start + "f32[4]<blocked16:0>");
  EXPECT_EQ(infer(Reorder{{}, 16}, "f32[4]"), start + "f32[4]");
}

}  // namespace
}  // namespace evenkeel::test
