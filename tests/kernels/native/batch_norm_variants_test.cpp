// SPDX-License-Identifier: Apache-2.0
// Statistics of groups and of weighted samples. Tolerances as in batch_norm_test.cpp.
#include <algorithm>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

constexpr double kVariantSum = 40 * kUnit;

// x of `groups` groups of `size` samples, [N,C] or [N,H,W,C].
class NativeBatchNormVariants : public NativeKernels {
 protected:
  std::int64_t size_ = between(1, 6);
  std::int64_t C_ = between(1, 70);
  Grouping grouping_ = between(0, 1) == 0 ? Grouping::interleaved : Grouping::consecutive;
  Shape shape_ = drawn_shape();
  Tensor x_ = normal(shape_, 0.5, 2);

  Shape drawn_shape() {
    const std::int64_t N = size_ * between(1, 5);
    if (between(0, 1) == 0) return {N, C_};
    return {N, between(1, 9), between(1, 9), C_};
  }
  std::vector<Tensor> each() { return run_reference(ChannelMoments{true}, {x_}); }
  std::vector<Tensor> group_moments() {
    return run_reference(GroupMoments{size_, grouping_}, each());
  }
  std::size_t part(std::size_t i) const {  // of [N,C], of element i of x
    return i / static_cast<std::size_t>(shape_.elements_per_sample()) *
               static_cast<std::size_t>(C_) +
           i % static_cast<std::size_t>(C_);
  }
};

void expect_close(const std::vector<Tensor>& native, const std::vector<Tensor>& exact,
                  double units) {
  ASSERT_EQ(native.size(), exact.size());
  for (std::size_t output = 0; output < native.size(); ++output) {
    const auto values = exact[output].values<double>();
    double largest = 0;
    for (const double value : values)
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    expect_near(native[output], exact[output],
                [&](std::size_t) { return units * kUnit * largest; });
  }
}

TEST_P(NativeBatchNormVariants, MomentsOfEachRowAreTheRow) {
  const Tensor x = with_specials(normal({between(1, 40), C_}));
  const auto native = run_native(ChannelMoments{true}, {x});
  const auto reference = run_reference(ChannelMoments{true}, {x});
  EXPECT_EQ(native[0], reference[0]);
  const auto values = x.values<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double M2 = native[2].values<double>()[i];
    if (std::isfinite(values[i])) {
      EXPECT_EQ(native[1].values<double>()[i], values[i]);
      EXPECT_EQ(M2, 0);
    } else {
      EXPECT_FALSE(std::isfinite(M2));
    }
  }
}

TEST_P(NativeBatchNormVariants, GroupMoments) {
  const auto inputs = each();
  const GroupMoments op{size_, grouping_};
  const auto native = run_native(op, inputs);
  const auto exact = run_reference_in_double(op, inputs);
  EXPECT_EQ(native[0], exact[0]);
  expect_close(native, exact, 2);
}

TEST_P(NativeBatchNormVariants, GroupMomentsPassOverEmptySamples) {
  auto inputs = each();
  for (double& count : inputs[0].values<double>())
    if (between(0, 2) == 0) count = 0;
  const GroupMoments op{size_, grouping_};
  const auto native = run_native(op, inputs);
  const auto exact = run_reference_in_double(op, inputs);
  EXPECT_EQ(native[0], exact[0]);
  const auto count = exact[0].values<double>();
  for (std::size_t output : {1U, 2U}) {
    const auto values = exact[output].values<double>();
    expect_near(native[output], exact[output], [&](std::size_t i) {
      return count[i] == 0 ? HUGE_VAL : 4 * kUnit * (std::abs(values[i]) + 16);
    });
  }
}

TEST_P(NativeBatchNormVariants, GroupSums) {
  const Tensor sums = normal({shape_[0], C_}, 0.1);
  const GroupSums op{size_, grouping_};
  expect_close(run_native(op, {sums}), run_reference_in_double(op, {sums}), 2);
}

TEST_P(NativeBatchNormVariants, VarianceOfEachChannel) {
  auto inputs = run_reference(ChannelMoments{}, {normal(shape_)});
  const auto native = run_native(ChannelVariance{}, inputs);
  expect_close(native, run_reference(ChannelVariance{DType::f64}, inputs), 1);
  const MovingVariance sample = MovingVariance::sample;
  expect_close(run_native(ChannelVariance{DType::f32, sample}, inputs),
               run_reference(ChannelVariance{DType::f64, sample}, inputs), 1);
  inputs[2].values<double>()[0] = 1e300;  // beyond f32, which the guard then finds
  EXPECT_FALSE(std::isfinite(run_native(ChannelVariance{}, inputs)[0].values<float>()[0]));
}

TEST_P(NativeBatchNormVariants, MeanMoments) {
  const auto inputs = group_moments();
  expect_close(run_native(MeanMoments{}, inputs), run_reference_in_double(MeanMoments{}, inputs),
               2);
}

TEST_P(NativeBatchNormVariants, UpdateMovingTakesGroupsInTurn) {
  UpdateMoving op;
  op.count_weighted = between(0, 1) == 0;
  op.variance = between(0, 1) == 0 ? MovingVariance::population : MovingVariance::sample;
  op.group = size_;
  op.grouping = grouping_;
  const Tensor seen = Tensor::of({}, std::vector<std::int64_t>{between(0, 200)});
  std::vector<Tensor> inputs = {normal({C_}, 3), normal({C_}, 9), seen};
  for (Tensor& tensor : group_moments()) inputs.push_back(std::move(tensor));
  expect_close(run_native(op, inputs), run_reference_in_double(op, inputs), 4);
}

TEST_P(NativeBatchNormVariants, ApplyByGroups) {
  std::vector<Tensor> inputs = {x_};
  for (Tensor& tensor : group_moments()) inputs.push_back(std::move(tensor));
  inputs.push_back(normal({C_}, 1, 0.3));
  inputs.push_back(normal({C_}));
  const BatchNormApply op{1e-3, size_, grouping_};
  const auto exact = run_reference_in_double(op, inputs);
  const auto y = exact[0].values<double>();
  const auto beta = inputs[5].values<float>();
  expect_near(run_native(op, inputs)[0], exact[0], [&](std::size_t i) {
    const double b = beta[i % beta.size()];
    return 3 * kUnit * std::abs(y[i] - b) + kUnit * (std::abs(y[i]) + std::abs(b)) + 1e-12;
  });
}

TEST_P(NativeBatchNormVariants, GradSumsByGroups) {
  const Tensor dy = normal(shape_, 0.1);
  std::vector<Tensor> inputs = {dy, x_};
  for (Tensor& tensor : group_moments()) inputs.push_back(std::move(tensor));
  const BatchNormGradSums op{1e-3, true};
  const auto native = run_native(op, inputs);
  const auto exact = run_reference_in_double(op, inputs);
  std::vector<double> terms[2];
  for (auto& each : terms) each.resize(static_cast<std::size_t>(shape_[0] * C_));
  for (std::size_t i = 0; i < dy.values<float>().size(); ++i) {
    const std::size_t k = part(i);
    const double inverse =
        1 / std::sqrt(inputs[4].values<double>()[k] / inputs[2].values<double>()[k] + op.epsilon);
    const double centred = x_.values<float>()[i] - inputs[3].values<double>()[k];
    terms[0][k] += std::abs(dy.values<float>()[i]);
    terms[1][k] += std::abs(dy.values<float>()[i] * centred * inverse);
  }
  for (std::size_t output : {0U, 1U})
    expect_near(native[output], exact[output],
                [&](std::size_t k) { return kVariantSum * terms[output][k] + 1e-37; });
}

// Moments and sums each of the whole or of every sample.
TEST_P(NativeBatchNormVariants, GradApplyOfEveryForm) {
  for (const bool own_moments : {false, true})
    for (const bool own_sums : {false, true}) {
      std::vector<Tensor> inputs = {normal(shape_), x_};
      const auto m = own_moments ? group_moments() : run_reference(ChannelMoments{}, {x_});
      inputs.insert(inputs.end(), m.begin(), m.end());
      inputs.push_back(normal({C_}, 1, 0.3));
      const Shape sums = own_sums ? Shape{shape_[0], C_} : Shape{C_};
      for (int i = 0; i < 2; ++i) inputs.push_back(normal(sums, 1, 10));
      const BatchNormGradApply op{0.5};
      const auto exact = run_reference_in_double(op, inputs);
      // Of gamma <= 2, 1 / sqrt(0.5), dy <= 5, |xhat| <= 10 and sums <= 50.
      const double count = inputs[2].values<double>()[0];
      expect_near(run_native(op, inputs)[0], exact[0],
                  [&](std::size_t) { return 6 * kUnit * 3 * (5 + 50 * 11 / count); });
    }
}

TEST_P(NativeBatchNormVariants, WeightMomentsAndOuter) {
  const auto m = each();
  Tensor weights = normal({shape_[0]});
  for (float& weight : weights.values<float>()) weight = between(0, 3) == 0 ? 0 : weight * weight;
  if (between(0, 3) == 0) weights.values<float>()[0] = -1;
  const std::vector<Tensor> inputs = {m[0], m[2], weights};
  expect_same(run_native(WeightMoments{}, inputs), run_reference(WeightMoments{}, inputs));
  const std::vector<Tensor> factors = {with_specials(weights), with_specials(normal({C_}))};
  expect_same(run_native(Outer{}, factors), run_reference(Outer{}, factors));
}

TEST_P(NativeBatchNormVariants, ChannelMomentsGradOfTheWholeAndOfEachSample) {
  for (const bool each_sample : {false, true}) {
    const auto m = run_reference(ChannelMoments{each_sample}, {x_});
    std::vector<Tensor> inputs = {x_, m[0], m[1]};
    for (int i = 0; i < 2; ++i) {
      Tensor slope(DType::f64, m[0].shape);
      for (double& value : slope.values<double>()) value = static_cast<double>(between(-9, 9)) / 7;
      inputs.push_back(std::move(slope));
    }
    expect_same(run_native(ChannelMomentsGrad{}, inputs),
                run_reference(ChannelMomentsGrad{}, inputs));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeBatchNormVariants, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
