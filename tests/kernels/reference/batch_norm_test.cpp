// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceChannelMoments, OfRowsAndOfImages) {
  for (const Shape& shape : {Shape{4, 2}, Shape{1, 2, 2, 2}}) {
    const auto result = run_op(ChannelMoments{}, {f64(shape, {1, 10, 2, 10, 3, 30, 6, 30})});
    EXPECT_EQ(result[0], f64({2}, {4, 4}));
    EXPECT_TRUE(close(result[1], {3, 20}));
    EXPECT_TRUE(close(result[2], {14, 400}));
  }
}

Tensor as_f32(const Tensor& tensor) {
  Tensor result(DType::f32, tensor.shape);
  const auto values = tensor.values<double>();
  std::copy(values.begin(), values.end(), result.values<float>().begin());
  return result;
}

// Values around 1e6 with a spread of 1, rounded to float: E[x^2] - E[x]^2 in float would not have
// one right digit of the variance.
TEST(ReferenceChannelMoments, FarFromZeroFloatsKeepTheirVariance) {
  Draw draw(0);
  const Tensor x = as_f32(draw.uniform_tensor({1000, 3}, 1e6 - 1, 1e6 + 1));
  const auto single = run_op(ChannelMoments{}, {x});
  const auto exact = run_op(ChannelMoments{}, {f64(x.shape, to_doubles(x))});
  EXPECT_TRUE(close(single[1], to_doubles(exact[1]), 0x1p-52));
  EXPECT_TRUE(close(single[2], to_doubles(exact[2]), 0x1p-50));
}

// The floats nearest to 0.1 and 1e6 + 1/16, over more than one block of rows.
TEST(ReferenceChannelMoments, OfAConstantChannelVarianceIsExactlyZero) {
  Tensor x(DType::f32, {999, 2});
  for (std::size_t i = 0; i < x.values<float>().size(); ++i)
    x.values<float>()[i] = i % 2 == 0 ? 0.1F : 1000000.0625F;
  const auto result = run_op(ChannelMoments{}, {x});
  EXPECT_EQ(result[1], f64({2}, {0.1F, 1000000.0625F}));
  EXPECT_EQ(result[2], f64({2}, {0, 0}));
}

TEST(ReferenceMergeMoments, EqualsTheMomentsOfTheUnion) {
  for_random_cases(50, [](Draw& draw) {
    const std::int64_t C = draw.integer(1, 5);
    const std::int64_t rows_a = draw.integer(1, 600);
    const std::int64_t rows_b = draw.integer(1, 600);
    const Tensor a = draw.uniform_tensor({rows_a, C}, -1, 2);
    const Tensor b = draw.uniform_tensor({rows_b, C}, 3, 10);
    Tensor both = a;
    both.shape = {rows_a + rows_b, C};
    both.bytes.insert(both.bytes.end(), b.bytes.begin(), b.bytes.end());
    std::vector<Tensor> parts = run_op(ChannelMoments{}, {a});
    for (Tensor& of_b : run_op(ChannelMoments{}, {b})) parts.push_back(std::move(of_b));
    const auto merged = run_op(MergeMoments{}, parts);
    const auto expected = run_op(ChannelMoments{}, {both});
    EXPECT_EQ(merged[0], expected[0]);
    EXPECT_TRUE(close(merged[1], expected[1], 1e-13));
    EXPECT_TRUE(close(merged[2], expected[2], 1e-13));
  });
}

TEST(ReferenceChannelMoments, OfEachSampleAndMerged) {
  const Tensor x = f64({2, 2, 2}, {1, 10, 2, 10, 3, 30, 6, 30});
  const auto each = run_op(ChannelMoments{true}, {x});
  EXPECT_EQ(each[0], f64({2, 2}, {2, 2, 2, 2}));
  EXPECT_TRUE(close(each[1], {1.5, 10, 4.5, 30}));
  EXPECT_TRUE(close(each[2], {0.5, 0, 4.5, 0}));
  const auto merged = run_op(MergeSampleMoments{}, each);
  EXPECT_EQ(merged[0], f64({2}, {4, 4}));
  EXPECT_TRUE(close(merged[1], {3, 20}));
  EXPECT_TRUE(close(merged[2], {14, 400}));
}

// mean 2, M2 = 2, variance 1 (with epsilon 3: divided by 2).
TEST(ReferenceBatchNorm, NormalisesByItsOwnBatch) {
  const Tensor x = f64({2, 1}, {1, 3});
  std::vector<Tensor> inputs = {x};
  for (const Tensor& moment : run_op(ChannelMoments{}, {x})) inputs.push_back(moment);
  inputs.push_back(f64({1}, {4}));
  inputs.push_back(f64({1}, {10}));
  EXPECT_TRUE(close(run_op(BatchNormApply{3}, inputs)[0], {8, 12}));
}

TEST(ReferenceChannelAffine, CentresBeforeItScales) {
  const auto y = run_op(ChannelAffine{}, {f32({2, 1}, {1e6F - 1, 1e6F + 1}), f32({1}, {1e6F}),
                                          f32({1}, {0.1F}), f32({1}, {0.5F})});
  EXPECT_EQ(y[0], f32({2, 1}, {-0.1F + 0.5F, 0.1F + 0.5F}));
}

// dy = (1, 3), xhat = (-1/2, 1/2): dbeta 4, dgamma 1; dx = 4/2 (dy - (4 + xhat) / 2).
TEST(ReferenceBatchNorm, GradientByHand) {
  const Tensor dy = f64({2, 1}, {1, 3});
  const Tensor x = f64({2, 1}, {1, 3});
  const Tensor count = f64({1}, {2});
  const Tensor mean = f64({1}, {2});
  const Tensor M2 = f64({1}, {2});
  const auto sums = run_op(BatchNormGradSums{3}, {dy, x, count, mean, M2});
  EXPECT_TRUE(close(sums[0], {4}));
  EXPECT_TRUE(close(sums[1], {1}));
  const Tensor gamma = f64({1}, {4});
  const auto dx = run_op(BatchNormGradApply{3}, {dy, x, count, mean, M2, gamma, sums[0], sums[1]});
  EXPECT_TRUE(close(dx[0], {-1.5, 1.5}, 1e-15));
}

std::vector<Tensor> update(const UpdateMoving& op, double mean, double variance, std::int64_t seen,
                           double count, double batch_mean, double M2) {
  return run_op(op, {f64({1}, {mean}), f64({1}, {variance}), i64({}, {seen}), f64({1}, {count}),
                     f64({1}, {batch_mean}), f64({1}, {M2})});
}

TEST(ReferenceUpdateMoving, CountWeightedIsTheCumulativeMeanUntilKeepIsLess) {
  Draw draw(0);
  const UpdateMoving op = {0.99, true, MovingVariance::population};
  double moving = 0;
  double sum = 0;
  for (std::int64_t n = 0; n < 100; ++n) {
    const double batch = draw.uniform(-3, 5);
    sum += batch;
    moving = update(op, moving, 1, n, 10, batch, 1)[0].values<double>()[0];
    EXPECT_NEAR(moving, sum / static_cast<double>(n + 1), 1e-13) << "update " << n;
  }
  // From here on keep is the smaller of the two.
  EXPECT_TRUE(close(update(op, 1, 1, 500, 10, 2, 10)[0], {1.01}, 1e-14));
}

TEST(ReferenceUpdateMoving, PlainRuleKeepsTheSameEveryTime) {
  const UpdateMoving op = {0.75, false, MovingVariance::population};
  const auto result = update(op, 0, 1, 0, 4, 8, 12);
  EXPECT_TRUE(close(result[0], {2}));
  EXPECT_TRUE(close(result[1], {0.75 + 0.25 * 3}));
}

TEST(ReferenceUpdateMoving, VarianceOfThePopulationOrTheSample) {
  EXPECT_TRUE(close(update({0.99, true, MovingVariance::population}, 0, 1, 0, 4, 8, 12)[1], {3}));
  EXPECT_TRUE(close(update({0.99, true, MovingVariance::sample}, 0, 1, 0, 4, 8, 12)[1], {4}));
  EXPECT_TRUE(close(update({0.99, true, MovingVariance::sample}, 0, 1, 0, 1, 8, 0)[1], {0}));
}

}  // namespace
}  // namespace evenkeel::test
