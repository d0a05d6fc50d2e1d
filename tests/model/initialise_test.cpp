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

std::vector<double> draw(const State& state, std::uint64_t seed = 1,
                         const char* name = "layer/kernel") {
  std::vector<double> values(static_cast<std::size_t>(state.type.shape.elements()));
  initialise(state, name, seed, std::as_writable_bytes(std::span(values)));
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

// The largest of 28,800 values comes within `reach` of the bound.
void expect_ends_at(Initializer initializer, double bound, double reach) {
  const double largest = moments(initializer).largest;
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, reach * bound);
}

TEST(Initialise, UniformsEndAtTheRootOfThreeVariances) {
  expect_ends_at(Initializer::glorot_uniform, std::sqrt(6 / (kFanIn + kFanOut)), 0.999);
  expect_ends_at(Initializer::he_uniform, std::sqrt(6 / kFanIn), 0.999);
  expect_ends_at(Initializer::lecun_uniform, std::sqrt(3 / kFanIn), 0.999);
}

TEST(Initialise, NormalsEndAtTwoDeviationsOfWhatWasCutOff) {
  constexpr double kDeviationLeft = 0.87962566103423978;
  const auto end = [](double variance) { return 2 * std::sqrt(variance) / kDeviationLeft; };
  expect_ends_at(Initializer::glorot_normal, end(2 / (kFanIn + kFanOut)), 0.97);
  expect_ends_at(Initializer::he_normal, end(2 / kFanIn), 0.97);
  expect_ends_at(Initializer::lecun_normal, end(1 / kFanIn), 0.97);
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
  EXPECT_NE(draw(state, 7, "one/kernel"), draw(state, 7, "other/kernel"));
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
