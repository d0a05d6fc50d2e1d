// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceMovingAverage, KeepsItsShare) {
  const Tensor moving = f32({2}, {1, -8});
  const Tensor value = f64({2}, {3, 0});
  EXPECT_EQ(run_op(MovingAverage{0.75, false}, {moving, i64({}, {0}), value})[0],
            f32({2}, {1.5, -6}));
  EXPECT_EQ(run_op(MovingAverage{0.75, false}, {moving, i64({}, {0}), f32({2}, {3, 0})})[0],
            f32({2}, {1.5, -6}));
}

TEST(ReferenceMovingAverage, CountedIsTheMeanUntilTheShareIsReached) {
  Tensor moving = f64({1}, {99});
  double sum = 0;
  for (std::int64_t seen = 0; seen < 10; ++seen) {
    const double value = static_cast<double>(seen * seen);
    moving = run_op(MovingAverage{0.9, true}, {moving, i64({}, {seen}), f64({1}, {value})})[0];
    sum += value;
    EXPECT_TRUE(close(moving, {sum / static_cast<double>(seen + 1)}, 1e-12)) << seen;
  }
  // The eleventh would keep 10/11.
  moving = run_op(MovingAverage{0.9, true}, {moving, i64({}, {10}), f64({1}, {0})})[0];
  EXPECT_TRUE(close(moving, {0.9 * sum / 10}, 1e-12));
}

// n / (n + 9): (1 + t) / (10 + t) for t = n - 1.
TEST(ReferenceMovingAverage, ARampIsSlowerThanTheMean) {
  for (const auto& [seen, keep] : {std::pair(0, 0.0), {1, 0.1}, {9, 0.5}, {90, 0.9}, {81, 0.9}})
    EXPECT_TRUE(close(
        run_op(MovingAverage{0.9, true, 9}, {f64({1}, {1}), i64({}, {seen}), f64({1}, {0})})[0],
        {keep}, 1e-15))
        << seen;
}

double at(const PiecewiseLinear& line, std::int64_t count) {
  return run_op(line, {i64({}, {count})})[0].values<double>()[0];
}

TEST(ReferencePiecewiseLinear, IsConstantBeforeAndBehindItsPoints) {
  const PiecewiseLinear line{{10, 20, 30}, {1, 2, -2}};
  for (const auto& [count, value] :
       {std::pair(0, 1.0), {10, 1.0}, {15, 1.5}, {20, 2.0}, {25, 0.0}, {30, -2.0}, {1000, -2.0}})
    EXPECT_EQ(at(line, count), value) << count;
}

TEST(ReferencePiecewiseLinear, OfTwoPointsAtOneCountTheLaterHolds) {
  const PiecewiseLinear line{{1, 1}, {0, HUGE_VAL}};
  EXPECT_EQ(at(line, 0), 0);
  EXPECT_EQ(at(line, 1), HUGE_VAL);
  EXPECT_EQ(at(line, 2), HUGE_VAL);
}

}  // namespace
}  // namespace evenkeel::test
