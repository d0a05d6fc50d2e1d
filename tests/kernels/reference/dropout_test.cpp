// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "evenkeel/base/random.h"
#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

struct Place {
  std::int64_t seed = 1;
  std::int64_t step = 2;
  std::vector<std::int64_t> samples = {3};
  std::int64_t stream = 4;
};

Tensor dropout(double rate, const Tensor& x, const Place& at) {
  const auto count = static_cast<std::int64_t>(at.samples.size());
  return run_op(DropoutApply{rate, at.stream},
                {x, i64({}, {at.seed}), i64({}, {at.step}), i64({count}, at.samples)})[0];
}

Tensor ones(const Shape& shape) {
  Tensor x(DType::f64, shape);
  std::ranges::fill(x.values<double>(), 1.0);
  return x;
}

// Element 5 of a sample is word 1 of Philox block 1.
TEST(ReferenceDropout, DropsWhereThePhiloxWordIsBelowTheRate) {
  const Place at = {(std::int64_t{9} << 32) + 5, 6, {7, 70000}, 8};
  const Tensor y = dropout(0.25, ones({2, 11}), at);
  for (std::uint32_t n = 0; n < 2; ++n)
    for (std::uint32_t i = 0; i < 11; ++i) {
      const auto words = philox({i / 4, n == 0 ? 7U : 70000U, 6, 8}, {5, 9U ^ (3U << 24)});
      EXPECT_EQ(y.values<double>()[n * 11 + i], words[i % 4] < (1U << 30) ? 0 : 4.0 / 3)
          << n << " " << i;
    }
}

TEST(ReferenceDropout, DropsTheFractionAskedForAndKeepsTheMean) {
  for (const double rate : {0.1, 0.5, 0.9}) {
    const std::int64_t count = 20000;
    const Tensor y = dropout(rate, ones({1, count}), {});
    const auto values = y.values<double>();
    const auto dropped = static_cast<double>(std::count(values.begin(), values.end(), 0.0));
    const auto n = static_cast<double>(count);
    EXPECT_NEAR(dropped, rate * n, 5 * std::sqrt(rate * (1 - rate) * n));
    EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0), (n - dropped) / (1 - rate),
                1e-6);
  }
}

TEST(ReferenceDropout, DependsOnTheSampleAndNotOnItsPlaceInTheBatch) {
  const auto row = [](const Tensor& y, std::int64_t n) {
    const auto values = y.values<double>().subspan(static_cast<std::size_t>(n) * 100, 100);
    return std::vector<double>(values.begin(), values.end());
  };
  const Tensor a = dropout(0.5, ones({3, 100}), {1, 2, {30, 31, 32}, 4});
  const Tensor b = dropout(0.5, ones({2, 100}), {1, 2, {32, 30}, 4});
  EXPECT_EQ(row(a, 0), row(b, 1));
  EXPECT_EQ(row(a, 2), row(b, 0));
  EXPECT_NE(row(a, 0), row(a, 1));
}

TEST(ReferenceDropout, DiffersBySeedStepAndStream) {
  const Tensor x = ones({1, 100});
  const Tensor y = dropout(0.5, x, {});
  EXPECT_EQ(dropout(0.5, x, {}), y);
  EXPECT_NE(dropout(0.5, x, {2, 2, {3}, 4}), y);
  EXPECT_NE(dropout(0.5, x, {(std::int64_t{1} << 32) + 1, 2, {3}, 4}), y);
  EXPECT_NE(dropout(0.5, x, {1, 3, {3}, 4}), y);
  EXPECT_NE(dropout(0.5, x, {1, 2, {3}, 5}), y);
}

TEST(ReferenceDropout, ARateOfZeroChangesNothing) {
  const Tensor x = f32({1, 3}, {1, -2, 3});
  EXPECT_EQ(dropout(0, x, {}), x);
}

// What is dropped is 0 whatever it was.
TEST(ReferenceDropout, DropsNaNAndInfinityToo) {
  Tensor x = ones({1, 100});
  for (std::size_t i = 0; i < 100; ++i)
    x.values<double>()[i] = i % 2 == 0 ? std::nan("") : std::numeric_limits<double>::infinity();
  const Tensor mask = dropout(0.5, ones({1, 100}), {});
  const Tensor y = dropout(0.5, x, {});
  for (std::size_t i = 0; i < 100; ++i)
    EXPECT_EQ(y.values<double>()[i] == 0, mask.values<double>()[i] == 0) << i;
}

}  // namespace
}  // namespace evenkeel::test
