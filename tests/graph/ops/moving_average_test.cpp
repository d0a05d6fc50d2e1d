// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/moving_average.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(MovingAverageShape, IsTheStates) {
  EXPECT_EQ(infer(MovingAverage{}, "f32[3], i64[], f64[3]"), "f32[3]");
  EXPECT_EQ(infer(MovingAverage{}, "f32[3], i64[], f32[3]"), "f32[3]");
  EXPECT_EQ(infer(MovingAverage{}, "f32[3], i64[], f64[4]"),
            "[moving_average] moving_average: expected input 2 of type f64[3], got f32[3], i64[], "
            "f64[4]");
  EXPECT_EQ(infer(MovingAverage{}, "f32[3], f32[], f64[3]"),
            "[moving_average] moving_average: expected input 1 of type i64[], got f32[3], f32[], "
            "f64[3]");
}

TEST(MovingAverageShape, RefusesAShareThatIsNone) {
  EXPECT_NE(infer(MovingAverage{1.5, true}, "f32[3], i64[], f64[3]"), "f32[3]");
  EXPECT_NE(infer(MovingAverage{NAN, false}, "f32[3], i64[], f64[3]"), "f32[3]");
  EXPECT_NE(infer(MovingAverage{0.9, true, 0}, "f32[3], i64[], f64[3]"), "f32[3]");
  EXPECT_NE(infer(MovingAverage{0.9, true, INFINITY}, "f32[3], i64[], f64[3]"), "f32[3]");
}

TEST(PiecewiseLinearShape, IsANumber) {
  EXPECT_EQ(infer(PiecewiseLinear{{0}, {7}}, "i64[]"), "f64[]");
  EXPECT_EQ(infer(PiecewiseLinear{{5, 5, 9}, {1, HUGE_VAL, HUGE_VAL}}, "i64[]"), "f64[]");
  EXPECT_EQ(infer(PiecewiseLinear{{0}, {7}}, "f32[]"),
            "[piecewise_linear] piecewise_linear: expected input 0 of type i64[], got f32[]");
}

TEST(PiecewiseLinearShape, RefusesPointsThatAreNoFunction) {
  const auto expected = [](std::vector<double> at, std::vector<double> value) {
    const std::string all = infer(PiecewiseLinear{std::move(at), std::move(value)}, "i64[]");
    const std::string before = "[piecewise_linear] piecewise_linear: expected ";
    return all.substr(before.size(), all.find(", got ") - before.size());
  };
  EXPECT_EQ(expected({}, {}), "a value for each of one or more counts");
  EXPECT_EQ(expected({0, 1}, {1}), "a value for each of one or more counts");
  EXPECT_EQ(expected({2, 1}, {1, 1}), "counts of 0 or more, none falling");
  EXPECT_EQ(expected({-1}, {1}), "counts of 0 or more, none falling");
  EXPECT_EQ(expected({0}, {NAN}), "values that are numbers");
  EXPECT_EQ(expected({0, 1}, {1, HUGE_VAL}), "finite values where the line rises or falls");
}

}  // namespace
}  // namespace evenkeel::test
