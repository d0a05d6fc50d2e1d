// SPDX-License-Identifier: Apache-2.0
// Batch renormalisation in small ops, by numbers worked out by hand.
#include "evenkeel/compile/lower_renorm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/ops.h"
#include "tests/kernels/reference/run_op.h"

namespace evenkeel::test {
namespace {

// y, the moving mean, deviation and variance after one training step of a renorm layer on x.
struct Renormed {
  double r, d, mean, deviation, variance;
};
// A batch of mean 5 and deviation 2, of a moving mean 4 and moving deviation (or variance)
// `moving`. The correction is read off y = xhat r + d, with xhat = -1 and 1.
Renormed renormed(const BatchNorm& layer, std::int64_t seen, double moving = 1) {
  Graph model;
  const Value x = model.add(Input{{DType::f64, {kBatch, 1}}}, {}, "x");
  model.output("y", ops::batch_norm(model, x, layer, "bn"));
  const Graph step = to_training(model);
  NamedTensors feeds = {{"x", f64({2, 1}, {3, 7})},
                        {"bn/gamma", f64({1}, {1})},
                        {"bn/beta", f64({1}, {0})},
                        {"state/bn/updates_seen", i64({}, {seen})}};
  for (const char* mean : {"bn/moving_mean", "bn/renorm_mean"})
    if (step.contains(mean)) feeds[mean] = f64({1}, {4});
  for (const char* state : {"bn/moving_variance", "bn/moving_deviation", "bn/renorm_deviation"})
    if (step.contains(state)) feeds[state] = f64({1}, {moving});
  const auto run = Interpreter(step, 2).run(feeds);
  const auto y = run.values[step.find_output("y").node][0].values<double>();
  const auto updated = [&](std::string_view state) {
    for (const Update& update : step.updates())
      if (step.node(update.state).name == state)
        return run.values[update.value.node][update.value.output].values<double>()[0];
    return std::nan("");
  };
  return {(y[1] - y[0]) / 2, (y[1] + y[0]) / 2, updated("bn/moving_mean"),
          updated("bn/moving_deviation"), updated("bn/moving_variance")};
}

BatchNorm with(RenormRule rule) {
  BatchNorm layer;
  layer.epsilon = 1e-12;
  layer.batch = std::move(rule);
  return layer;
}

TEST(LoweredRenorm, CorrectsByTheRatioWithinLimits) {
  const Ramp none = {HUGE_VAL, HUGE_VAL, 0, 0};
  for (const RenormMoves moves : {RenormMoves::variance, RenormMoves::deviation}) {
    const Renormed free = renormed(with({none, {}, none, moves}), 1);
    EXPECT_NEAR(free.r, 2, 1e-11);
    EXPECT_NEAR(free.d, 1, 1e-11);
    const Renormed cut = renormed(with({{1.5, 1.5, 0, 0}, {}, {0.25, 0.25, 0, 0}, moves}), 1);
    EXPECT_NEAR(cut.r, 1.5, 1e-11);
    EXPECT_NEAR(cut.d, 0.25, 1e-11);
  }
}

TEST(LoweredRenorm, LimitsFollowTheUpdatesSeen) {
  for (const bool count_weighted : {false, true}) {
    BatchNorm layer = with({{1, 2, 10, 20}, {}, {0, 1, 10, 30}});
    layer.count_weighted = count_weighted;
    for (const auto& [seen, r, d] : {std::tuple(1, 1.0, 0.0),
                                     {10, 1.0, 0.0},
                                     {15, 1.5, 0.25},
                                     {20, 2.0, 0.5},
                                     {99, 2.0, 1.0}}) {
      SCOPED_TRACE(seen);
      const Renormed result = renormed(layer, seen);
      EXPECT_NEAR(result.r, r, 1e-11);
      EXPECT_NEAR(result.d, d, 1e-11);
    }
  }
}

// A ramp that begins at 0 updates is half way at its middle whether updates are counted or not.
TEST(LoweredRenorm, LimitsRampFromTheFirstUpdateOn) {
  for (const bool count_weighted : {false, true}) {
    BatchNorm layer = with({{1, 2, 0, 4}, {}, {0, 1, 0, 4}});
    layer.count_weighted = count_weighted;
    for (const auto& [seen, r] : {std::tuple(1, 1.25), {2, 1.5}, {3, 1.75}, {4, 2.0}}) {
      const Renormed result = renormed(layer, seen);
      EXPECT_NEAR(result.r, r, 1e-11) << seen;
      EXPECT_NEAR(result.d, r - 1, 1e-11) << seen;
    }
  }
}

// Deviation 2 of a moving one of 4: the least r is 1 / rmax, or what was given.
TEST(LoweredRenorm, LeastRatioIsOneOverTheLargest) {
  EXPECT_NEAR(renormed(with({{1.25, 1.25, 0, 0}}), 1, 16).r, 1 / 1.25, 1e-11);
  EXPECT_NEAR(renormed(with({{1.25, 1.25, 0, 0}, {0.75, 0.75, 0, 0}}), 1, 16).r, 0.75, 1e-11);
}

TEST(LoweredRenorm, BeforeTheFirstCountedUpdateThereIsNothingToCorrectBy) {
  BatchNorm layer = with({});
  EXPECT_NEAR(renormed(layer, 0).r, 1, 1e-11);
  EXPECT_NEAR(renormed(layer, 0).d, 0, 1e-11);
  layer.count_weighted = false;
  EXPECT_NEAR(renormed(layer, 0).r, 2, 1e-11);
}

// M2 / n = 8 / 2 = 4 plus epsilon 5: a deviation of 3; keep 0.75 of 1.
TEST(LoweredRenorm, MovesTheDeviationAndStoresItsVariance) {
  RenormRule rule;
  rule.moves = RenormMoves::deviation;
  BatchNorm layer = with(rule);
  layer.epsilon = 5;
  layer.keep = 0.75;
  layer.count_weighted = false;
  const Renormed moved = renormed(layer, 7);
  EXPECT_EQ(moved.mean, 4.25);
  EXPECT_EQ(moved.deviation, 1.5);
  EXPECT_EQ(moved.variance, 0);  // 2.25 - 5
  layer.epsilon = 1;
  layer.count_weighted = true;
  layer.variance = MovingVariance::sample;
  const Renormed first = renormed(layer, 0);
  EXPECT_EQ(first.mean, 5);
  EXPECT_EQ(first.deviation, 3);
  EXPECT_EQ(first.variance, 8);
}

}  // namespace
}  // namespace evenkeel::test
