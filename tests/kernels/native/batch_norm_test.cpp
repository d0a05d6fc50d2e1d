// SPDX-License-Identifier: Apache-2.0
// Tolerances: a block of 128 rows is summed by four partial sums of 32 each, so a sum's error is
// below (32 + 4) roundings of the sum of absolute values; blocks are added in double.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

constexpr double kSum = 40 * kUnit;
constexpr double kDouble = 0x1p-50;

class NativeBatchNorm : public NativeKernels {
 protected:
  Shape shape_ = random_shape();
  std::int64_t C_ = shape_.back();
  double rows_ = static_cast<double>(shape_.elements()) / static_cast<double>(C_);

  void expect_moments(const Tensor& x) {
    const auto native = run_native(ChannelMoments{}, {x});
    const auto exact = run_reference_in_double(ChannelMoments{}, {x});
    EXPECT_EQ(native[0], exact[0]);
    const auto mean = exact[1].values<double>();
    const auto M2 = exact[2].values<double>();
    const double rows = exact[0].values<double>()[0];
    expect_near(native[1], exact[1], [&](std::size_t c) {
      return kDouble * std::abs(mean[c]) + kSum * std::sqrt(M2[c] / rows);
    });
    expect_near(native[2], exact[2], [&](std::size_t c) { return 2 * kSum * M2[c]; });
  }
  // (count, mean, M2) of x, rounded.
  std::vector<Tensor> moments(const Tensor& x) { return run_reference(ChannelMoments{}, {x}); }
  // Sums over rows of |f(element, channel)|.
  template <typename F>
  std::vector<double> sums(const Shape& shape, F f) {
    std::vector<double> result(static_cast<std::size_t>(shape.back()));
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.elements()); ++i)
      result[i % result.size()] += std::abs(f(i, i % result.size()));
    return result;
  }
};

TEST_P(NativeBatchNorm, Moments) { expect_moments(normal(shape_, 0.5, 2)); }
TEST_P(NativeBatchNorm, MomentsFarFromZero) { expect_moments(normal(shape_, 1e4, 1)); }
TEST_P(NativeBatchNorm, MomentsOfManyRows) {
  expect_moments(normal({between(200, 5000), between(1, 20)}, 3, 1));
}

TEST_P(NativeBatchNorm, MomentsOfAMillionPlusMinusOne) {
  Tensor x(DType::f32, shape_);
  for (float& value : x.values<float>()) value = static_cast<float>(1e6 + (between(0, 1) * 2 - 1));
  expect_moments(x);
}

// Their squares are within f32, the sum of the squares is not.
TEST_P(NativeBatchNorm, MomentsOfWhatIsAsLargeAsTenToTheEighteen) {
  Tensor x(DType::f32, {between(400, 3000), between(1, 20)});
  for (float& value : x.values<float>()) value = between(0, 1) == 0 ? -1e18F : 1e18F;
  expect_moments(x);
}

TEST_P(NativeBatchNorm, ConstantChannelsHaveNoVariance) {
  for (const float value : {1e30F, 0.1F, -7e-39F}) {
    Tensor x(DType::f32, shape_);
    std::fill(x.values<float>().begin(), x.values<float>().end(), value);
    const auto native = run_native(ChannelMoments{}, {x});
    for (const double mean : native[1].values<double>()) ASSERT_EQ(mean, value);
    for (const double M2 : native[2].values<double>()) ASSERT_EQ(M2, 0);
  }
}

TEST_P(NativeBatchNorm, MomentsOfWhatIsNotFiniteAreNotFinite) {
  Tensor x = normal(shape_);
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const std::size_t at = static_cast<std::size_t>(between(0, shape_.elements() - 1));
    x.values<float>()[at] = bad;
    const auto native = run_native(ChannelMoments{}, {x});
    EXPECT_FALSE(std::isfinite(native[2].values<double>()[at % static_cast<std::size_t>(C_)]));
  }
}

TEST_P(NativeBatchNorm, MergeMoments) {
  std::vector<Tensor> inputs = moments(normal(shape_, 1));
  for (Tensor& tensor : moments(normal(shape_, 3))) inputs.push_back(std::move(tensor));
  const auto exact = run_reference_in_double(MergeMoments{}, inputs);
  const auto native = run_native(MergeMoments{}, inputs);
  EXPECT_EQ(native[0], exact[0]);
  for (std::size_t output : {1U, 2U})
    expect_near(native[output], exact[output], [&](std::size_t c) {
      return 2 * kUnit * std::abs(exact[output].values<double>()[c]);
    });
}

TEST_P(NativeBatchNorm, MomentsOfEachSampleAreThoseOfASampleAlone) {
  const Shape shape = {between(1, 5), between(1, 300), between(1, 40)};
  const Tensor x = normal(shape, 3, 2);
  const auto each = run_native(ChannelMoments{true}, {x});
  const auto size = static_cast<std::size_t>(shape[1] * shape[2]);
  for (std::size_t n = 0; n < static_cast<std::size_t>(shape[0]); ++n) {
    Tensor sample(DType::f32, {shape[1], shape[2]});
    std::copy_n(x.values<float>().begin() + static_cast<std::ptrdiff_t>(n * size), size,
                sample.values<float>().begin());
    const auto alone = run_native(ChannelMoments{}, {sample});
    const auto C = static_cast<std::size_t>(shape[2]);
    for (std::size_t c = 0; c < C; ++c) {
      EXPECT_EQ(each[0].values<double>()[n * C + c], alone[0].values<double>()[c]);
      EXPECT_EQ(each[1].values<double>()[n * C + c], alone[1].values<double>()[c]);
      EXPECT_EQ(each[2].values<double>()[n * C + c], alone[2].values<double>()[c]);
    }
  }
}

TEST_P(NativeBatchNorm, MergedSamplesHaveTheMomentsOfTheWhole) {
  const Shape shape = {between(1, 9), between(1, 300), between(1, 40)};
  const Tensor x = normal(shape, between(0, 1) == 0 ? 0.5 : 1e6, 2);
  const auto merged = run_native(MergeSampleMoments{}, run_native(ChannelMoments{true}, {x}));
  const auto exact = run_reference_in_double(ChannelMoments{}, {x});
  const auto mean = exact[1].values<double>();
  const auto M2 = exact[2].values<double>();
  const auto count = exact[0].values<double>()[0];
  EXPECT_EQ(merged[0], exact[0]);
  expect_near(merged[1], exact[1], [&](std::size_t c) {
    return kDouble * std::abs(mean[c]) + kSum * std::sqrt(M2[c] / count);
  });
  expect_near(merged[2], exact[2],
              [&](std::size_t c) { return 3 * kSum * M2[c] + kDouble * std::abs(mean[c]); });
}

TEST_P(NativeBatchNorm, GradSumsOfEachSampleAddUpToThoseOfTheWhole) {
  const Shape shape = {between(1, 9), between(1, 300), between(1, 40)};
  const Tensor x = normal(shape, 5, 2);
  std::vector<Tensor> inputs = {normal(shape, 0.1), x};
  for (Tensor& tensor : moments(x)) inputs.push_back(std::move(tensor));
  const auto each = run_native(BatchNormGradSums{1e-3, true}, inputs);
  const auto exact = run_reference_in_double(BatchNormGradSums{1e-3, true}, inputs);
  const auto whole = run_reference_in_double(BatchNormGradSums{}, inputs);
  const auto dy = inputs[0].values<float>();
  const auto largest = sums(shape, [&](std::size_t i, std::size_t) { return 10.0 * dy[i]; });
  for (std::size_t output : {0U, 1U}) {
    const auto C = static_cast<std::size_t>(shape[2]);
    expect_near(each[output], exact[output], [&](std::size_t i) { return kSum * largest[i % C]; });
    const Tensor total = run_native(BiasGrad{}, {each[output]})[0];
    expect_near(total, whole[output], [&](std::size_t c) { return 2 * kSum * largest[c]; });
  }
}

TEST_P(NativeBatchNorm, Apply) {
  const Tensor x = normal(shape_, between(0, 1) == 0 ? 0.5 : 1e4, 2);
  std::vector<Tensor> inputs = {x};
  for (Tensor& tensor : moments(x)) inputs.push_back(std::move(tensor));
  inputs.push_back(normal({C_}, 1, 0.3));
  inputs.push_back(normal({C_}));
  const auto exact = run_reference_in_double(BatchNormApply{}, inputs);
  const auto y = exact[0].values<double>();
  const auto beta = inputs[5].values<float>();
  // What is left of the mean's rounding is rounded itself, scaled by up to gamma / sqrt(epsilon).
  const double left_over = kUnit * kUnit * 2e4 * 2 * 32;
  expect_near(run_native(BatchNormApply{}, inputs)[0], exact[0], [&](std::size_t i) {
    const double b = beta[i % beta.size()];
    return 3 * kUnit * std::abs(y[i] - b) + kUnit * (std::abs(y[i]) + std::abs(b)) + left_over;
  });
}

TEST_P(NativeBatchNorm, Affine) {
  const std::vector<Tensor> inputs = {with_specials(normal(shape_, 100)), normal({C_}, 100),
                                      normal({C_}), normal({C_})};
  expect_same(run_native(ChannelAffine{}, inputs), run_reference(ChannelAffine{}, inputs));
}

TEST_P(NativeBatchNorm, GradSums) {
  const Tensor x = normal(shape_, 5, 2);
  std::vector<Tensor> inputs = {normal(shape_, 0.1), x};
  for (Tensor& tensor : moments(x)) inputs.push_back(std::move(tensor));
  const BatchNormGradSums op;
  const auto native = run_native(op, inputs);
  const auto exact = run_reference_in_double(op, inputs);
  const auto dy = inputs[0].values<float>();
  const auto mean = inputs[3].values<double>();
  const auto M2 = inputs[4].values<double>();
  const auto of_dy = sums(shape_, [&](std::size_t i, std::size_t) { return dy[i]; });
  const auto of_products = sums(shape_, [&](std::size_t i, std::size_t c) {
    return dy[i] * (x.values<float>()[i] - mean[c]) / std::sqrt(M2[c] / rows_ + op.epsilon);
  });
  expect_near(native[0], exact[0], [&](std::size_t c) { return kSum * of_dy[c]; });
  expect_near(native[1], exact[1], [&](std::size_t c) { return kSum * of_products[c] + 1e-37; });
}

TEST_P(NativeBatchNorm, GradApply) {
  const Tensor x = normal(shape_, 5, 2);
  std::vector<Tensor> inputs = {normal(shape_), x};
  for (Tensor& tensor : moments(x)) inputs.push_back(std::move(tensor));
  for (int i = 0; i < 3; ++i) inputs.push_back(normal({C_}, 1, i == 0 ? 0.3 : 10));
  const BatchNormGradApply op;
  const auto exact = run_reference_in_double(op, inputs);
  const auto of = [&](std::size_t input, std::size_t i) {
    if (input == 3 || input == 4) return inputs[input].values<double>()[i];
    return static_cast<double>(inputs[input].values<float>()[i]);
  };
  expect_near(run_native(op, inputs)[0], exact[0], [&](std::size_t i) {
    const std::size_t c = i % static_cast<std::size_t>(C_);
    const double inverse = 1 / std::sqrt(of(4, c) / rows_ + op.epsilon);
    const double slope = std::abs((of(1, i) - of(3, c)) * inverse * of(7, c)) / rows_;
    const double terms = std::abs(of(0, i)) + std::abs(of(6, c)) / rows_ + slope;
    return 6 * kUnit * std::abs(of(5, c) * inverse) * terms + 1e-37;
  });
}

// What is fused gives the bytes of its parts.
TEST_P(NativeBatchNorm, ApplyAddReluIsItsParts) {
  const Tensor x = normal(shape_, 0.5, 2);
  std::vector<Tensor> inputs = {x};
  for (Tensor& tensor : moments(x)) inputs.push_back(std::move(tensor));
  inputs.push_back(normal({C_}, 1, 0.3));
  inputs.push_back(normal({C_}));
  const Tensor y = run_native(BatchNormApply{}, inputs)[0];
  expect_same(run_native(Fused{BatchNormApply{}, {Relu{}}}, inputs), run_native(Relu{}, {y}));
  const Tensor addend = with_specials(normal(shape_));
  inputs.push_back(addend);
  const auto sum = run_native(Add{}, {y, addend});
  expect_same(run_native(Fused{BatchNormApply{}, {Add{}}}, inputs), sum);
  expect_same(run_native(Fused{BatchNormApply{}, {Add{}, Relu{}}}, inputs),
              run_native(Relu{}, sum));
}

TEST_P(NativeBatchNorm, ApplyAddReluIsItsPartsInGroups) {
  const std::int64_t groups = between(1, 3);
  const Tensor x = normal({2 * groups, between(1, 40), C_}, 3);
  std::vector<Tensor> inputs = {x};
  for (Tensor& tensor : run_reference(GroupMoments{2}, run_reference(ChannelMoments{true}, {x})))
    inputs.push_back(std::move(tensor));
  inputs.push_back(normal({C_}, 1, 0.3));
  inputs.push_back(normal({C_}));
  const BatchNormApply op = {1e-3, 2};
  const auto sum = run_native(Add{}, {run_native(op, inputs)[0], x});
  inputs.push_back(x);
  expect_same(run_native(Fused{op, {Add{}, Relu{}}}, inputs), run_native(Relu{}, sum));
}

TEST_P(NativeBatchNorm, RectifiedGradientsAreThoseOfTheMaskedSlope) {
  const bool each = between(0, 1) == 1;
  const Tensor x = normal(shape_, between(0, 1) == 0 ? 0.5 : 1e4, 2), dy = normal(shape_);
  const auto m = moments(x);
  const Tensor gamma = normal({C_}), beta = normal({C_});
  const Tensor y = run_native(BatchNormApply{}, {x, m[0], m[1], m[2], gamma, beta})[0];
  const Tensor masked = run_native(ReluGrad{}, {dy, run_native(Relu{}, {y})[0]})[0];
  const auto sums = run_native(BatchNormGradSums{1e-3, each}, {masked, x, m[0], m[1], m[2]});
  expect_same(
      run_native(BatchNormGradSums{1e-3, each, true}, {dy, x, m[0], m[1], m[2], gamma, beta}),
      sums);
  expect_same(
      run_native(BatchNormGradApply{1e-3, true},
                 {dy, x, m[0], m[1], m[2], gamma, sums[0], sums[1], beta}),
      run_native(BatchNormGradApply{}, {masked, x, m[0], m[1], m[2], gamma, sums[0], sums[1]}));
}

TEST_P(NativeBatchNorm, RefusesOtherEpilogues) {
  const Tensor x = normal({4, C_});
  const auto m = moments(x);
  const Tensor gamma = normal({C_});
  const auto native = [&](const Fused& op, std::vector<Tensor> more) {
    std::vector<Tensor> inputs = {x, m[0], m[1], m[2], gamma, gamma};
    inputs.insert(inputs.end(), more.begin(), more.end());
    const Call call = call_of(op, inputs);
    const auto entries = native_kernels();
    return std::any_of(entries.begin(), entries.end(), [&](const KernelEntry& entry) {
      return entry.op == call.op.index() && entry.accepts(call);
    });
  };
  EXPECT_TRUE(native({BatchNormApply{}, {Add{}, Relu{}}}, {x}));
  EXPECT_FALSE(native({BatchNormApply{}, {Relu{}, Add{}}}, {x}));
  EXPECT_FALSE(native({BatchNormApply{}, {BiasAdd{}}}, {gamma}));
}

TEST_P(NativeBatchNorm, UpdateMoving) {
  UpdateMoving op;
  op.count_weighted = between(0, 1) == 0;
  op.variance = between(0, 1) == 0 ? MovingVariance::population : MovingVariance::sample;
  const Tensor seen = Tensor::of({}, std::vector<std::int64_t>{between(0, 200)});
  std::vector<Tensor> inputs = {normal({C_}, 3), normal({C_}, 9), seen};
  for (Tensor& tensor : moments(normal({20, C_}))) inputs.push_back(std::move(tensor));
  const auto native = run_native(op, inputs);
  const auto exact = run_reference_in_double(op, inputs);
  for (std::size_t output : {0U, 1U})
    expect_near(native[output], exact[output], [&](std::size_t c) {
      return 2 * kUnit * std::abs(exact[output].values<double>()[c]);
    });
}

TEST_P(NativeBatchNorm, BiasGrad) {
  const Tensor dy = normal(shape_, 0.1);
  const auto of_dy =
      sums(shape_, [&](std::size_t i, std::size_t) { return dy.values<float>()[i]; });
  expect_near(run_native(BiasGrad{}, {dy})[0], run_reference_in_double(BiasGrad{}, {dy})[0],
              [&](std::size_t c) { return kSum * of_dy[c]; });
}

// The widest groups, whole and with a rest.
TEST_P(NativeBatchNorm, ManyChannels) {
  shape_ = {between(1, 20), between(250, 600)};
  expect_moments(normal(shape_, 1, 1));
  const Shape C = {shape_[1]};
  const std::vector<Tensor> affine = {normal(shape_), normal(C), normal(C), normal(C)};
  expect_same(run_native(ChannelAffine{}, affine), run_reference(ChannelAffine{}, affine));
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeBatchNorm, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
