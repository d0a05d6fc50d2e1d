// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/initialise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace evenkeel {
namespace {

struct Moments {
  double mean = 0;
  double deviation = 0;
  double largest = 0;
};

std::vector<double> draw(const State& state, std::uint64_t seed = 1) {
  std::vector<double> values(static_cast<std::size_t>(state.type.shape.elements()));
  initialise(state, "layer/kernel", seed, std::as_writable_bytes(std::span(values)));
  return values;
}

Moments moments(Initializer initializer, double value = 0) {
  const State state{{DType::f64, {3, 3, 40, 80}}, Role::parameter, initializer, value};
  const auto values = draw(state);
  Moments result;
  double squares = 0;
  for (const double x : values) {
    result.mean += x / static_cast<double>(values.size());
    squares += x * x / static_cast<double>(values.size());
    result.largest = std::max(result.largest, std::abs(x));
  }
  result.deviation = std::sqrt(squares - result.mean * result.mean);
  return result;
}

constexpr double kFanIn = 3 * 3 * 40;
constexpr double kFanOut = 3 * 3 * 80;

// 28,800 values: the deviation of a sample is right to about 0.4 %.
void expect_deviation(Initializer initializer, double variance) {
  const Moments m = moments(initializer);
  EXPECT_NEAR(m.deviation / std::sqrt(variance), 1, 0.015);
  EXPECT_NEAR(m.mean / std::sqrt(variance), 0, 0.03);
}

TEST(Initialise, VariancesAreThePapers) {
  expect_deviation(Initializer::glorot_uniform, 2 / (kFanIn + kFanOut));
  expect_deviation(Initializer::glorot_normal, 2 / (kFanIn + kFanOut));
  expect_deviation(Initializer::he_uniform, 2 / kFanIn);
  expect_deviation(Initializer::he_normal, 2 / kFanIn);
  expect_deviation(Initializer::lecun_uniform, 1 / kFanIn);
  expect_deviation(Initializer::lecun_normal, 1 / kFanIn);
}

TEST(Initialise, UniformAndNormalEndWhereTheyShould) {
  const double uniform = std::sqrt(3 * 2 / kFanIn);
  EXPECT_LE(moments(Initializer::he_uniform).largest, uniform);
  EXPECT_GT(moments(Initializer::he_uniform).largest, 0.999 * uniform);
  const double normal = 2 * std::sqrt(2 / kFanIn) / 0.87962566103423978;
  EXPECT_LE(moments(Initializer::he_normal).largest, normal);
  EXPECT_GT(moments(Initializer::he_normal).largest, 0.97 * normal);
}

TEST(Initialise, TruncatedNormalIsCutOffAtTwoDeviations) {
  const Moments m = moments(Initializer::truncated_normal, 0.1);
  EXPECT_LE(m.largest, 0.2);
  EXPECT_NEAR(m.deviation, 0.1 * 0.8796, 0.0015);
}

TEST(Initialise, ConstantZerosAndOnes) {
  EXPECT_EQ(draw({{DType::f64, {3}}, Role::bias, Initializer::constant, 0.25}),
            (std::vector<double>{0.25, 0.25, 0.25}));
  EXPECT_EQ(draw({{DType::f64, {2}}, Role::gamma, Initializer::ones}), (std::vector<double>{1, 1}));
  EXPECT_EQ(draw({{DType::f64, {2}}, Role::beta, Initializer::zeros}), (std::vector<double>{0, 0}));
}

TEST(Initialise, ValuesAreAFunctionOfSeedAndNameAlone) {
  const State state{{DType::f64, {4, 5}}, Role::parameter, Initializer::he_normal};
  EXPECT_EQ(draw(state, 7), draw(state, 7));
  EXPECT_NE(draw(state, 7), draw(state, 8));
}

TEST(Initialise, FloatStartsAsDoubleRounded) {
  State state{{DType::f64, {4, 5}}, Role::parameter, Initializer::lecun_normal};
  const auto wide = draw(state);
  state.type.dtype = DType::f32;
  std::vector<float> narrow(20);
  initialise(state, "layer/kernel", 1, std::as_writable_bytes(std::span(narrow)));
  for (std::size_t i = 0; i < narrow.size(); ++i) EXPECT_EQ(narrow[i], static_cast<float>(wide[i]));
}

}  // namespace
}  // namespace evenkeel
