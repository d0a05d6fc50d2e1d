// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/reference/run_op.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceTranspose, SwapsRowsAndColumnsOfEachSample) {
  const Tensor x = f64({2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  EXPECT_EQ(run_op(Transpose{{0, 2, 1}}, {x})[0],
            f64({2, 3, 2}, {1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12}));
}

TEST(ReferenceTranspose, TurnsChannelsFirstIntoChannelsLast) {
  const Tensor x = f32({1, 2, 2, 2}, {1, 2, 3, 4, 10, 20, 30, 40});
  EXPECT_EQ(run_op(Transpose{{0, 2, 3, 1}}, {x})[0],
            f32({1, 2, 2, 2}, {1, 10, 2, 20, 3, 30, 4, 40}));
}

TEST(ReferenceTranspose, MovesBytesAndIntegersToo) {
  EXPECT_EQ(run_op(Transpose{{0, 2, 1}}, {i32({1, 2, 2}, {1, 2, 3, 4})})[0],
            i32({1, 2, 2}, {1, 3, 2, 4}));
  const Tensor x = f32({1, 2}, {std::numeric_limits<float>::quiet_NaN(), -0.0F});
  EXPECT_EQ(run_op(Transpose{{0, 1}}, {x})[0], x);
}

}  // namespace
}  // namespace evenkeel::test
