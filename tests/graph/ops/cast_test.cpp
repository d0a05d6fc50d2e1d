// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/cast.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(CastShape, IsThatOfItsInputInTheOtherDType) {
  EXPECT_EQ(infer(Cast{DType::bf16}, "f32[N,28,28,1]"), "bf16[N,28,28,1]");
  EXPECT_EQ(infer(Cast{}, "bf16[3136,1024]"), "f32[3136,1024]");
  EXPECT_EQ(infer(Cast{DType::f64}, "f32[]"), "f64[]");
}

TEST(CastShape, RefusesWhatIsNoFloat) {
  EXPECT_EQ(infer(Cast{}, "u8[4]"),
            "[cast] cast: expected input 0 of dtype f32, f64 or bf16, got u8[4]");
  EXPECT_EQ(infer(Cast{DType::i32}, "f32[4]"),
            "[cast] cast: expected to make f32, f64 or bf16, not i32, got f32[4]");
  EXPECT_EQ(infer(Cast{}, "f32[4], f32[4]"), "[cast] cast: expected 1 input, got f32[4], f32[4]");
}

TEST(CastGradient, IsNone) {
  EXPECT_EQ(differentiate("graph g\n%x = input {type f32[4]} : f32[4]\n%y = cast %x {dtype f64} : "
                          "f64[4]\n%loss = mean %y : f64[]\n",
                          {"x"}),
            "[y] cast: has no gradient");
}

}  // namespace
}  // namespace evenkeel::test
