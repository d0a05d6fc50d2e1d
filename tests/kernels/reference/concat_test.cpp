// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceConcat, PutsRowsSideBySide) {
  const Tensor a = f64({2, 2}, {1, 2, 3, 4});
  const Tensor b = f64({2, 1}, {10, 20});
  EXPECT_EQ(run_op(Concat{}, {a, b, a})[0], f64({2, 5}, {1, 2, 10, 1, 2, 3, 4, 20, 3, 4}));
}

TEST(ReferenceConcat, AlongAnAxisInTheMiddle) {
  const Tensor a = f32({2, 1, 2}, {1, 2, 3, 4});
  const Tensor b = f32({2, 2, 2}, {10, 20, 30, 40, 50, 60, 70, 80});
  EXPECT_EQ(run_op(Concat{1}, {a, b})[0],
            f32({2, 3, 2}, {1, 2, 10, 20, 30, 40, 3, 4, 50, 60, 70, 80}));
  EXPECT_EQ(run_op(Concat{0}, {f32({1, 2}, {1, 2}), f32({2, 2}, {3, 4, 5, 6})})[0],
            f32({3, 2}, {1, 2, 3, 4, 5, 6}));
}

TEST(ReferenceSlice, CutsOutAPartOfEachRow) {
  const Tensor x = f64({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(run_op(Slice{-1, 1, 3}, {x})[0], f64({2, 2}, {2, 3, 6, 7}));
  EXPECT_EQ(run_op(Slice{0, 1, 2}, {x})[0], f64({1, 4}, {5, 6, 7, 8}));
  EXPECT_EQ(run_op(Slice{1, 1, 2}, {f64({1, 2, 3}, {1, 2, 3, 4, 5, 6})})[0],
            f64({1, 1, 3}, {4, 5, 6}));
}

TEST(ReferenceZeroPad, PutsZerosAheadAndBehind) {
  const Tensor x = f64({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(run_op(ZeroPad{-1, 1, 2}, {x})[0], f64({2, 5}, {0, 1, 2, 0, 0, 0, 3, 4, 0, 0}));
  EXPECT_EQ(run_op(ZeroPad{0, 1, 0}, {x})[0], f64({3, 2}, {0, 0, 1, 2, 3, 4}));
}

TEST(ReferenceConcat, CarriesNaNAndTheSignOfZero) {
  const Tensor x = f32({2}, {std::numeric_limits<float>::quiet_NaN(), -0.0F});
  EXPECT_EQ(run_op(Slice{0, 0, 2}, {run_op(Concat{0}, {x, x})[0]})[0], x);
}

}  // namespace
}  // namespace evenkeel::test
