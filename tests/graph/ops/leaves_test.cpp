// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/leaves.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

const std::string kSizes =
    "expected dimensions of at least 1 (N only in front), at most 2^40 elements and bytes only "
    "where packed, got ";

TEST(LeafShape, is_the_given_one) {
  EXPECT_EQ(infer(Input{{DType::u8, {kBatch, 28, 28, 1}}}, ""), "u8[N,28,28,1]");
  EXPECT_EQ(infer(State{{DType::f32, {3, 4}}}, ""), "f32[3,4]");
  EXPECT_EQ(infer(Constant{{DType::f64, {}}, 2}, ""), "f64[]");
}

TEST(LeafShape, refuses_sizes_without_sense) {
  EXPECT_EQ(infer(Input{{DType::u8, {4, kBatch}}}, ""), "[input] " + kSizes + "u8[4,N]");
  EXPECT_EQ(infer(Constant{{DType::f32, {4, 0}}}, ""), "[constant] " + kSizes + "f32[4,0]");
  constexpr std::int64_t kHuge = std::int64_t{1} << 32;
  EXPECT_EQ(infer(State{{DType::f32, {kHuge, kHuge}}}, ""),
            "[state] " + kSizes + "f32[4294967296,4294967296]");
  EXPECT_EQ(infer(Input{{DType::f32, {4}, {}, 16}}, ""), "[input] " + kSizes + "f32[4]");
}

TEST(StateShape, is_known_and_can_be_initialised) {
  EXPECT_EQ(infer(State{{DType::f32, {kBatch, 3}}}, ""),
            "[state] state: expected a state of known size, not f32[N,3], got no inputs");
  EXPECT_EQ(infer(State{{DType::f32, {3}}, Role::parameter, Initializer::glorot_uniform}, ""),
            "[state] state: expected a kernel [in,out] or [R,S,C,K] for glorot_uniform, not "
            "f32[3], got no inputs");
  EXPECT_EQ(infer(State{{DType::f32, {3}},
                        Role::slot,
                        Initializer::constant,
                        std::numeric_limits<double>::infinity()},
                  ""),
            "[state] state: expected a finite value, not inf, got no inputs");
}

}  // namespace
}  // namespace evenkeel::test
