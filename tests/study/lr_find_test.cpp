// SPDX-License-Identifier: Apache-2.0
// The range test on a small network, and what is made of curves.
#include "evenkeel/study/lr_find.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evenkeel/base/error.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Rates from 1e-6 to 10, 28 steps for a factor of ten; each smoothed loss is the loss itself.
template <typename Loss>
std::vector<LrPoint> curve(Loss loss) {
  std::vector<LrPoint> points;
  for (int i = 0; i <= 196; ++i) {
    const double power = -6 + i / 28.0;
    points.push_back({std::pow(10, power), loss(power), loss(power)});
  }
  return points;
}

// Flat at 2.3, falling fastest at 10^-3, smallest at 10^-1, then growing.
double usual(double power) {
  const double fall = 2 / (1 + std::exp(-4 * (power + 3)));
  return 2.3 - fall + (power > -1 ? 8 * (power + 1) * (power + 1) : 0);
}

LrFindOptions small_options() {
  LrFindOptions options;
  options.batch = 32;
  options.steps = 60;
  options.trainer.threads = 1;
  return options;
}

LrFind small_find(const LrFindOptions& options, const Optimizer& optimizer = Adam{}) {
  return lr_find(test::small_model(), softmax_cross_entropy(), optimizer, test::small_data(),
                 options);
}

TEST(LrFind, GoesFromTheSmallestRateToTheLargestByOneFactor) {
  LrFindOptions options = small_options();
  options.to = 1e-3;
  const LrFind find = small_find(options);
  ASSERT_EQ(find.points.size(), 60U);
  EXPECT_EQ(find.end, LrEnd::all_steps);
  EXPECT_DOUBLE_EQ(find.points.front().rate, 1e-7);
  EXPECT_NEAR(find.points.back().rate, 1e-3, 1e-12);
  const double factor = std::pow(1e4, 1 / 59.0);
  for (std::size_t i = 1; i < find.points.size(); ++i)
    EXPECT_NEAR(find.points[i].rate / find.points[i - 1].rate, factor, 1e-9);
}

TEST(LrFind, LeavesNothingBehindAndGivesTheSameAgain) {
  const LrFind first = small_find(small_options());
  const LrFind second = small_find(small_options());
  ASSERT_EQ(first.points.size(), second.points.size());
  for (std::size_t i = 0; i < first.points.size(); ++i)
    EXPECT_EQ(first.points[i].loss, second.points[i].loss);
}

TEST(LrFind, SmoothsWithTheBeginningCorrected) {
  LrFindOptions options = small_options();
  options.steps = 3;
  options.smoothing = 0.5;
  const LrFind find = small_find(options);
  ASSERT_EQ(find.points.size(), 3U);
  const auto& p = find.points;
  EXPECT_DOUBLE_EQ(p[0].smoothed, p[0].loss);
  EXPECT_NEAR(p[1].smoothed, (p[0].loss + 2 * p[1].loss) / 3, 1e-12);
  EXPECT_NEAR(p[2].smoothed, (p[0].loss + 2 * p[1].loss + 4 * p[2].loss) / 7, 1e-12);
  EXPECT_EQ(find.suggestion.verdict, LrVerdict::too_few);
}

TEST(LrFind, DivergenceIsAResult) {
  LrFindOptions options = small_options();
  options.to = 1e6;
  options.steps = 200;
  const LrFind find = small_find(options, Sgd{});
  EXPECT_TRUE(find.end == LrEnd::diverged || find.end == LrEnd::not_finite);
  EXPECT_LT(find.points.size(), 200U);
}

TEST(LrFind, ValuesThatAreNotFiniteAreAResult) {
  LrFindOptions options = small_options();
  options.from = 1e-3;
  options.to = 1e30;
  options.diverged_at = 1e300;
  const LrFind find = small_find(options, Sgd{});
  EXPECT_EQ(find.end, LrEnd::not_finite);
  EXPECT_THAT(find.end_text, HasSubstr("not finite"));
  for (const LrPoint& point : find.points) EXPECT_TRUE(std::isfinite(point.loss));
}

TEST(LrFind, StopsWhereItIsAskedTo) {
  LrFindOptions options = small_options();
  int steps = 0;
  options.stop = [&] { return ++steps == 5; };
  const LrFind find = small_find(options);
  EXPECT_EQ(find.end, LrEnd::stopped);
  EXPECT_EQ(find.points.size(), 5U);
}

TEST(LrFind, WhatACallersFunctionThrowsIsNoDivergence) {
  LrFindOptions options = small_options();
  options.on_step = [](const LrPoint&) { throw RuntimeFailure("disk", "is full"); };
  EXPECT_THROW(small_find(options), RuntimeFailure);
}

TEST(LrFind, RefusesWhatMakesNoSense) {
  const auto refused = [](void (*change)(LrFindOptions&), const char* where) {
    LrFindOptions options = small_options();
    change(options);
    try {
      small_find(options);
      ADD_FAILURE() << where;
    } catch (const InvalidArgument& error) {
      EXPECT_EQ(error.where(), where);
    }
  };
  refused([](LrFindOptions& o) { o.from = 0; }, "from");
  refused([](LrFindOptions& o) { o.from = kNan; }, "from");
  refused([](LrFindOptions& o) { o.to = o.from; }, "to");
  refused([](LrFindOptions& o) { o.to = std::numeric_limits<double>::infinity(); }, "to");
  refused([](LrFindOptions& o) { o.steps = 1; }, "steps");
  refused([](LrFindOptions& o) { o.smoothing = 1; }, "smoothing");
  refused([](LrFindOptions& o) { o.diverged_at = 1; }, "diverged_at");
}

TEST(LrSuggestion, HasTheSteepestPointAndATenthOfTheMinimum) {
  const LrSuggestion s = suggest_rate(curve(usual));
  ASSERT_EQ(s.verdict, LrVerdict::found);
  EXPECT_NEAR(std::log10(s.steepest_rate), -3, 0.1);
  EXPECT_NEAR(std::log10(s.minimum_rate), -1, 0.1);
  EXPECT_NEAR(s.tenth_rate, s.minimum_rate / 10, 1e-12);
  EXPECT_NEAR(s.rate, std::sqrt(s.steepest_rate * s.tenth_rate), 1e-12);
  EXPECT_NEAR(s.steepest_slope, -2, 0.1);  // of the logistic curve at its middle
  EXPECT_NEAR(s.start_loss, 2.3, 0.01);
  EXPECT_FALSE(s.still_falling);
}

TEST(LrSuggestion, IsAtMostATenthOfTheMinimum) {
  // Falls within less than a factor of ten, down to the minimum at 10^-1.
  const LrSuggestion s = suggest_rate(curve([](double power) {
    return power < -1 ? 2 - 4 * std::max(0.0, power + 1.4) : 0.4 + 4 * (power + 1);
  }));
  ASSERT_EQ(s.verdict, LrVerdict::found);
  EXPECT_LT(s.tenth_rate, s.steepest_rate);
  EXPECT_EQ(s.rate, s.tenth_rate);
}

TEST(LrSuggestion, PointsThatAreNotFiniteDoNotCount) {
  auto points = curve(usual);
  const LrSuggestion whole = suggest_rate(points);
  for (const double bad : {kNan, std::numeric_limits<double>::infinity()})
    points.push_back({100, bad, bad});
  EXPECT_EQ(suggest_rate(points).rate, whole.rate);
  EXPECT_EQ(suggest_rate(points).minimum_rate, whole.minimum_rate);
  std::vector<LrPoint> none(50, LrPoint{1, kNan, kNan});
  EXPECT_EQ(suggest_rate(none).verdict, LrVerdict::too_few);
}

TEST(LrSuggestion, SaysWhenTheCurveIsFlat) {
  EXPECT_EQ(suggest_rate(curve([](double power) { return 2.3 - 0.001 * power; })).verdict,
            LrVerdict::flat);
}

TEST(LrSuggestion, SaysWhenTheLossOnlyGrows) {
  EXPECT_EQ(suggest_rate(curve([](double power) { return 10 + power; })).verdict,
            LrVerdict::rising);
}

TEST(LrSuggestion, SaysWhenBatchesDifferMoreThanTheLossFalls) {
  auto points = curve([](double power) { return 2.3 - 0.02 * (power + 6); });
  for (std::size_t i = 0; i < points.size(); ++i) points[i].loss += i % 2 == 0 ? 1 : -1;
  EXPECT_EQ(suggest_rate(points).verdict, LrVerdict::noisy);
}

TEST(LrSuggestion, SaysWhenTheLossStillFalls) {
  const LrSuggestion s = suggest_rate(curve([](double power) { return 2.3 - 0.2 * (power + 6); }));
  EXPECT_EQ(s.verdict, LrVerdict::found);
  EXPECT_TRUE(s.still_falling);
  EXPECT_EQ(s.rate, s.steepest_rate);
}

TEST(LrSuggestion, NeedsEnoughPoints) {
  auto points = curve(usual);
  points.resize(kFewestLrPoints - 1);
  EXPECT_EQ(suggest_rate(points).verdict, LrVerdict::too_few);
  EXPECT_EQ(suggest_rate({}).verdict, LrVerdict::too_few);
}

}  // namespace
}  // namespace evenkeel
