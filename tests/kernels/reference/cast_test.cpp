// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/base/bf16.h"
#include "tests/kernels/reference/run_op.h"

namespace evenkeel::test {
namespace {

Tensor bf16(const std::vector<float>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return run_op(Cast{DType::bf16}, {f32({count}, values)})[0];
}

// 1 + 2^-7 is the next bf16 after 1.
TEST(ReferenceCast, RoundsToTheNearestAndTiesToTheEvenOne) {
  constexpr float step = 0x1p-7F;
  const Tensor y = bf16({1 + 0.49F * step, 1 + 0.5F * step, 1 + 0.51F * step, 1 + 1.5F * step,
                         -1 - 0.5F * step, -1 - 1.5F * step, 0.0F, -0.0F, 3});
  EXPECT_EQ(run_op(Cast{}, {y})[0],
            f32({9}, {1, 1, 1 + step, 1 + 2 * step, -1, -1 - 2 * step, 0.0F, -0.0F, 3}));
}

TEST(ReferenceCast, KeepsWhatIsNotFinite) {
  const float largest = std::numeric_limits<float>::max();
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor y = run_op(Cast{}, {bf16({infinity, -infinity, largest, -largest, 0x1p-130F})})[0];
  EXPECT_EQ(y, f32({5}, {infinity, -infinity, infinity, -infinity, 0x1p-130F}));
  // One whose upper half alone would be an infinity.
  const float nan = std::bit_cast<float>(0x7F800001U);
  EXPECT_TRUE(std::isnan(run_op(Cast{}, {bf16({nan})})[0].values<float>()[0]));
}

TEST(ReferenceCast, GoesBetweenAllThree) {
  EXPECT_EQ(run_op(Cast{DType::f64}, {f32({2}, {0.1F, -2})})[0], f64({2}, {double{0.1F}, -2}));
  EXPECT_EQ(run_op(Cast{}, {f64({2}, {0.1, -2})})[0], f32({2}, {0.1F, -2}));
  EXPECT_EQ(run_op(Cast{DType::f64}, {bf16({1.5F, -2})})[0], f64({2}, {1.5, -2}));
  EXPECT_EQ(run_op(Cast{DType::bf16}, {f64({1}, {0.1})})[0], bf16({0.1F}));
  EXPECT_EQ(run_op(Cast{DType::bf16}, {bf16({0.1F})})[0], bf16({0.1F}));
}

}  // namespace
}  // namespace evenkeel::test
