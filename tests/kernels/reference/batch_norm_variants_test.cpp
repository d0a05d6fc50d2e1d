// SPDX-License-Identifier: Apache-2.0
// Groups, weights and the variance as a value, by numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

const Tensor kRows = f64({4, 2}, {1, 10, 2, 10, 3, 30, 6, 30});

TEST(ReferenceChannelMoments, OfOneRowAreItself) {
  const auto each = run_op(ChannelMoments{true}, {kRows});
  EXPECT_EQ(each[0], f64({4, 2}, std::vector<double>(8, 1)));
  EXPECT_EQ(each[1], kRows);
  EXPECT_EQ(each[2], f64({4, 2}, std::vector<double>(8, 0)));
}

TEST(ReferenceGroupMoments, OfConsecutiveAndInterleavedPairs) {
  const auto each = run_op(ChannelMoments{true}, {kRows});
  const auto pairs = run_op(GroupMoments{2}, each);
  EXPECT_EQ(pairs[0], f64({4, 2}, std::vector<double>(8, 2)));
  EXPECT_TRUE(close(pairs[1], {1.5, 10, 1.5, 10, 4.5, 30, 4.5, 30}));
  EXPECT_TRUE(close(pairs[2], {0.5, 0, 0.5, 0, 4.5, 0, 4.5, 0}));
  // Samples 0 and 2, 1 and 3.
  const auto mixed = run_op(GroupMoments{2, Grouping::interleaved}, each);
  EXPECT_TRUE(close(mixed[1], {2, 20, 4, 20, 2, 20, 4, 20}));
  EXPECT_TRUE(close(mixed[2], {2, 200, 8, 200, 2, 200, 8, 200}));
}

TEST(ReferenceGroupMoments, OfOneGroupAreThoseOfTheBatch) {
  const auto each = run_op(ChannelMoments{true}, {kRows});
  const auto all = run_op(ChannelMoments{}, {kRows});
  for (const Grouping grouping : {Grouping::consecutive, Grouping::interleaved}) {
    const auto group = run_op(GroupMoments{4, grouping}, each);
    for (std::size_t sample = 0; sample < 4; ++sample)
      for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t output = 0; output < 3; ++output)
          EXPECT_NEAR(group[output].values<double>()[sample * 2 + c],
                      all[output].values<double>()[c], 1e-13);
  }
}

TEST(ReferenceGroupSums, OfConsecutiveAndInterleavedPairs) {
  EXPECT_TRUE(close(run_op(GroupSums{2}, {kRows})[0], {3, 20, 3, 20, 9, 60, 9, 60}));
  EXPECT_TRUE(
      close(run_op(GroupSums{2, Grouping::interleaved}, {kRows})[0], {4, 40, 8, 40, 4, 40, 8, 40}));
}

TEST(ReferenceMeanMoments, AreMeansOfEach) {
  const auto pairs = run_op(GroupMoments{2}, run_op(ChannelMoments{true}, {kRows}));
  const auto mean = run_op(MeanMoments{}, pairs);
  EXPECT_TRUE(close(mean[0], {2, 2}));
  EXPECT_TRUE(close(mean[1], {3, 20}));
  EXPECT_TRUE(close(mean[2], {2.5, 0}));
}

// keep 0.5, sample variances 0.5 and 4.5: 1 -> 0.75 -> 2.625; means 0 -> 0.75 -> 2.625.
TEST(ReferenceUpdateMoving, TakesGroupsInTurn) {
  const Tensor x = f64({4, 1}, {1, 2, 3, 6});
  std::vector<Tensor> inputs = {f64({1}, {0}), f64({1}, {1}), i64({}, {0})};
  for (Tensor& tensor : run_op(GroupMoments{2}, run_op(ChannelMoments{true}, {x})))
    inputs.push_back(std::move(tensor));
  const UpdateMoving op{0.5, false, MovingVariance::sample, 2};
  const auto moved = run_op(op, inputs);
  EXPECT_TRUE(close(moved[0], {2.625}));
  EXPECT_TRUE(close(moved[1], {2.625}));
  // Counted: updates 2 and 3 of groups keep 2/3 and 3/4.
  inputs[2] = i64({}, {1});
  const auto counted = run_op(UpdateMoving{0.99, true, MovingVariance::sample, 2}, inputs);
  EXPECT_TRUE(close(counted[0], {(2.0 / 3 * 0 + 1.5 / 3) * 0.75 + 4.5 / 4}));
}

// Weights 1, 0, 2, 1 of 1, 2, 3, 6: mean 13 / 4, sum w (x - mean)^2 = 5.0625 + 0.125 + 7.5625.
TEST(ReferenceWeightMoments, AreTheWeightedFormula) {
  const auto each = run_op(ChannelMoments{true}, {f64({4, 1}, {1, 2, 3, 6})});
  const auto by = run_op(WeightMoments{}, {each[0], each[2], f64({4}, {1, 0, 2, 1})});
  const auto all = run_op(MergeSampleMoments{}, {by[0], each[1], by[1]});
  EXPECT_TRUE(close(all[0], {4}));
  EXPECT_TRUE(close(all[1], {3.25}));
  EXPECT_TRUE(close(all[2], {12.75}, 1e-15));
}

TEST(ReferenceWeightMoments, OfNegativeWeightsAreNotANumber) {
  const auto by = run_op(WeightMoments{}, {f64({1, 1}, {1}), f64({1, 1}, {0}), f64({1}, {-1})});
  EXPECT_TRUE(std::isnan(by[0].values<double>()[0]));
  EXPECT_TRUE(std::isnan(by[1].values<double>()[0]));
}

TEST(ReferenceOuter, IsOfRowsAndColumns) {
  EXPECT_EQ(run_op(Outer{}, {f64({2}, {2, 3}), f64({3}, {1, 10, 100})})[0],
            f64({2, 3}, {2, 20, 200, 3, 30, 300}));
}

TEST(ReferenceChannelVariance, AndItsGradients) {
  EXPECT_EQ(run_op(ChannelVariance{DType::f64}, {f64({1}, {4}), f64({1}, {1}), f64({1}, {6})})[0],
            f64({1}, {1.5}));
  EXPECT_TRUE(std::isnan(
      run_op(ChannelVariance{DType::f64}, {f64({1}, {0}), f64({1}, {0}), f64({1}, {0})})[0]
          .values<double>()[0]));
  EXPECT_EQ(run_op(ChannelVarianceGrad{}, {f64({1}, {6}), f64({1}, {4})})[0], f64({1}, {1.5}));
  const ChannelVariance sample{DType::f64, MovingVariance::sample};
  EXPECT_EQ(run_op(sample, {f64({2}, {4, 1}), f64({2}, {1, 1}), f64({2}, {6, 0})})[0],
            f64({2}, {2, 0}));
  EXPECT_EQ(run_op(ChannelVarianceGrad{MovingVariance::sample}, {f64({1}, {6}), f64({1}, {4})})[0],
            f64({1}, {2}));
  EXPECT_EQ(run_op(Deviation{2}, {f64({1}, {7})})[0], f64({1}, {3}));
  EXPECT_EQ(run_op(InverseDeviation{2}, {f64({1}, {2})})[0], f64({1}, {0.5}));
  // dmean / count + 2 (x - mean) dM2
  EXPECT_EQ(run_op(ChannelMomentsGrad{}, {f64({2, 1}, {1, 5}), f64({1}, {2}), f64({1}, {3}),
                                          f64({1}, {8}), f64({1}, {0.5})})[0],
            f64({2, 1}, {2, 6}));
}

}  // namespace
}  // namespace evenkeel::test
