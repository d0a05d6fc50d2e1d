// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/norm_errors.h"

namespace evenkeel::native_test {
namespace {

class NativeLayerNorm : public NativeKernels {
 protected:
  // Rows of 2 to 7 channels, around 16 and of hundreds; samples of one row and of several blocks.
  NativeLayerNorm() {
    const std::int64_t kind = between(0, 2);
    C_ = kind == 0 ? between(2, 7) : kind == 1 ? between(12, 70) : between(200, 600);
    const std::int64_t N = between(1, 4);
    const std::int64_t rank = between(0, 2);
    if (rank == 0)
      shape_ = {N, C_};
    else if (rank == 1 && kind < 2)
      shape_ = {N, between(100, 300), C_};
    else
      shape_ = {N, between(1, 9), between(1, 5), C_};
    op_.epsilon = between(0, 1) == 0 ? 1e-5 : 1e-3;
  }

  NormErrors errors(const Tensor& x) const {
    return NormErrors(x, op_.epsilon,
                      [C = static_cast<std::size_t>(C_)](std::size_t i) { return i / C; });
  }

  void expect_values(const Tensor& x) {
    const std::vector<Tensor> inputs = {x, normal({C_}, 1, 0.3), normal({C_})};
    const auto exact = run_reference_in_double(op_, inputs);
    NormErrors bound = errors(x);
    expect_near(run_native(op_, inputs)[0], exact[0], [&](std::size_t i) {
      const std::size_t c = i % static_cast<std::size_t>(C_);
      return bound.value(i, inputs[1].values<float>()[c], inputs[2].values<float>()[c],
                         exact[0].values<double>()[i]);
    });
  }

  // Sums over the rows of a sample are added block by block in float: up to three roundings more.
  void expect_gradients(const Tensor& x) {
    const LayerNormGrad op{op_.epsilon};
    const std::vector<Tensor> inputs = {normal(shape_, 0.1), x, normal({C_}, 1, 0.3)};
    const auto native = run_native(op, inputs);
    const auto exact = run_reference_in_double(op, inputs);
    const auto dy = inputs[0].values<float>();
    const auto C = static_cast<std::size_t>(C_);
    const auto size = static_cast<std::size_t>(shape_.elements_per_sample());
    NormErrors bound = errors(x);
    std::vector<double> arriving;
    std::vector<double> of_dy(native[1].values<float>().size());
    std::vector<double> of_products(of_dy.size());
    for (std::size_t i = 0; i < dy.size(); ++i) {
      arriving.push_back(static_cast<double>(inputs[2].values<float>()[i % C]) * dy[i]);
      of_dy[i / size * C + i % C] += (kNormSum + 3 * kUnit) * std::abs(dy[i]);
      of_products[i / size * C + i % C] += bound.product(i, dy[i]);
    }
    bound.arrives(std::move(arriving));
    expect_near(native[0], exact[0], [&](std::size_t i) { return bound.input_gradient(i); });
    expect_near(native[1], exact[1], [&](std::size_t c) { return of_dy[c]; });
    expect_near(native[2], exact[2], [&](std::size_t c) { return of_products[c] + 1e-37; });
  }

  Tensor a_million_plus_minus_one() {
    Tensor x(DType::f32, shape_);
    for (float& value : x.values<float>())
      value = static_cast<float>(1e6 + (between(0, 1) * 2 - 1));
    return x;
  }

  LayerNorm op_;
  std::int64_t C_ = 2;
  Shape shape_;
};

TEST_P(NativeLayerNorm, Values) { expect_values(normal(shape_, 0.5, 2)); }
TEST_P(NativeLayerNorm, ValuesFarFromZero) { expect_values(normal(shape_, 1e4, 1)); }
TEST_P(NativeLayerNorm, ValuesOfAMillionPlusMinusOne) { expect_values(a_million_plus_minus_one()); }
TEST_P(NativeLayerNorm, Gradients) { expect_gradients(normal(shape_, 0.5, 2)); }
TEST_P(NativeLayerNorm, GradientsFarFromZero) { expect_gradients(normal(shape_, 1e4, 1)); }
TEST_P(NativeLayerNorm, GradientsOfAMillionPlusMinusOne) {
  expect_gradients(a_million_plus_minus_one());
}

// Rows longer than a block of sums.
TEST_P(NativeLayerNorm, OfLongRows) {
  C_ = between(2000, 5000);
  shape_ = {between(1, 3), C_};
  expect_values(normal(shape_, 3, 1));
  expect_gradients(normal(shape_, 3, 1));
}

TEST_P(NativeLayerNorm, OfConstantsIsExactlyBeta) {
  const Tensor beta = normal({C_});
  for (const float value : {1e30F, 0.1F, 1000000.0625F, -7e-39F}) {
    Tensor x(DType::f32, shape_);
    std::fill(x.values<float>().begin(), x.values<float>().end(), value);
    const Tensor y = run_native(op_, {x, normal({C_}, 1, 0.3), beta})[0];
    for (std::size_t i = 0; i < y.values<float>().size(); ++i)
      ASSERT_EQ(y.values<float>()[i], beta.values<float>()[i % static_cast<std::size_t>(C_)]);
  }
}

TEST_P(NativeLayerNorm, WhatIsNotFiniteSpoilsItsRowAlone) {
  Tensor x = normal(shape_);
  const std::size_t at = static_cast<std::size_t>(between(0, shape_.elements() - 1));
  const std::vector<Tensor> parameters = {normal({C_}, 1, 0.3), normal({C_})};
  const Tensor before = run_native(op_, {x, parameters[0], parameters[1]})[0];
  const auto C = static_cast<std::size_t>(C_);
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    x.values<float>()[at] = bad;
    const Tensor y = run_native(op_, {x, parameters[0], parameters[1]})[0];
    for (std::size_t i = 0; i < y.values<float>().size(); ++i) {
      if (i / C == at / C)
        ASSERT_FALSE(std::isfinite(y.values<float>()[i]));
      else
        ASSERT_EQ(y.values<float>()[i], before.values<float>()[i]);
    }
  }
}

TEST_P(NativeLayerNorm, SamplesAloneGiveTheSameBytes) {
  const Tensor gamma = normal({C_}, 1, 0.3);
  expect_samples_alone(op_, {normal(shape_, 3), gamma, normal({C_})}, 1);
  expect_samples_alone(LayerNormGrad{op_.epsilon}, {normal(shape_), normal(shape_, 3), gamma}, 2);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeLayerNorm, ::testing::Range(1, 25));

}  // namespace
}  // namespace evenkeel::native_test
