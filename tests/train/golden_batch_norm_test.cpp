// SPDX-License-Identifier: Apache-2.0
// Batch norm against PyTorch, Keras 3, TensorFlow 1's layers and written-out formulas: forward,
// gradients and moving statistics over 100 steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "evenkeel/model/layers.h"
#include "tests/support/batch_norm_run.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

using Start = std::map<std::string, std::vector<double>>;

// A golden case, and the layer of ours that has to give its numbers.
struct Row {
  std::string name;
  BuildLayer build;
  bool starts_itself = false;  // at its own initial values, not those of the file
  friend std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }
};

BuildLayer with(BatchNormOptions options) {
  options.name = kLayer;
  return [=](Scope& scope, Value x) { return layers::batch_norm(options)(scope, x); };
}

// TensorFlow's and Keras's rule.
BuildLayer plain(double keep, double epsilon = 1e-3,
                 MovingVariance variance = MovingVariance::population) {
  return with({.epsilon = epsilon,
               .decay = Decay::keep(keep),
               .count_weighted = false,
               .variance = variance});
}

BuildLayer fused(double keep) { return plain(keep, 1e-3, MovingVariance::sample); }

BatchNormOptions torch_options(const MovingRule& decay = Decay::take(0.1)) {
  BatchNormOptions options = options_of(Preset::torch, 4);
  options.decay = decay;
  options.count_weighted = decay.cumulative();
  return options;
}

BuildLayer torch(double take, double epsilon = 1e-5) {
  BatchNormOptions options = torch_options(Decay::take(take));
  options.epsilon = epsilon;
  return with(options);
}

BuildLayer cumulative() { return with(torch_options(Cumulative{})); }

// Without gamma and beta, or without beta.
BuildLayer torch_without(BatchNormOptions options, bool scale) {
  options.center = false;
  options.scale = scale;
  return with(options);
}

BatchNormOptions keras(double keep = 0.99) {
  BatchNormOptions options = options_of(Preset::keras, 2);
  options.decay = Decay::keep(keep);
  return options;
}

BuildLayer over_axes(std::vector<std::int64_t> axes, double keep) {
  BatchNormOptions options = keras(keep);
  options.axes = std::move(axes);
  return with(options);
}

BuildLayer keras_without(bool center, bool scale, double keep = 0.99, double epsilon = 1e-3) {
  BatchNormOptions options = keras(keep);
  options.center = center;
  options.scale = scale;
  options.epsilon = epsilon;
  return with(options);
}

BuildLayer tf1_fused_bare() {
  BatchNormOptions options = options_of(Preset::tf1, 4);
  options.center = options.scale = false;
  return with(options);
}

BuildLayer initialised() {
  BatchNormOptions options = keras(0.9);
  options.gamma = InitialValue::constant(1.5);
  options.beta = InitialValue::constant(-0.25);
  options.moving_mean = InitialValue::constant(0.5);
  options.moving_variance = InitialValue::constant(2);
  return with(options);
}

BuildLayer by_preset(Preset preset) {
  return [=](Scope& scope, Value x) { return layers::batch_norm(preset, kLayer)(scope, x); };
}

BuildLayer of_batch(const BatchKind& batch, double keep, bool counted,
                    MovingVariance variance = MovingVariance::population, double epsilon = 1e-3) {
  return with({.epsilon = epsilon,
               .decay = Decay::keep(keep),
               .count_weighted = counted,
               .variance = variance,
               .batch = batch});
}

BuildLayer ghost(const Ghost& groups, double keep, bool counted,
                 MovingVariance variance = MovingVariance::population) {
  return of_batch(groups, keep, counted, variance);
}

// PyTorch's layer on one chunk after another.
BuildLayer hoffer(std::int64_t size) {
  const Ghost groups = {.size = size, .statistics = GhostStatistics::in_turn};
  return of_batch(groups, 0.9, false, MovingVariance::sample, 1e-5);
}

BuildLayer virtual_batch(std::int64_t size, double keep) {
  return of_batch(Ghost{size, Grouping::interleaved, GhostStatistics::mean}, keep, false);
}

BuildLayer weighted(double keep, bool counted) {
  const BatchNormOptions options = {
      .decay = Decay::keep(keep), .count_weighted = counted, .name = kLayer};
  return [=](Scope& scope, Value x) {
    return layers::batch_norm(options)(scope, x, scope.sample_weights());
  };
}

Renorm unlimited() { return {.rmax = RenormLimit::none(), .dmax = RenormLimit::none()}; }
// RENORM of formula.py.
Renorm clipped() { return {.rmax = 1.1, .rmin = 0.9, .dmax = 0.05}; }

// TensorFlow's and Keras's rule.
BuildLayer renorm_keras(double keep, Renorm renorm, double renorm_keep) {
  renorm.moves = RenormMoves::deviation;
  renorm.decay = Decay::keep(renorm_keep);
  return of_batch(renorm, keep, false);
}

BuildLayer scheduled(RenormMoves moves, bool counted) {
  const Renorm renorm = {.rmax = RenormLimit::linear(1, 3, 20, 80),
                         .dmax = RenormLimit::linear(0, 5, 20, 50),
                         .moves = moves};
  return of_batch(renorm, 0.99, counted);
}

BuildLayer tight_variance() { return of_batch(clipped(), 0.9, false); }

std::vector<Row> rows() {
  return {
      {"pytorch/bn1d_rank2", torch(0.1)},
      {"pytorch/bn1d_rank2_cumulative", cumulative()},
      {"pytorch/bn1d_rank3", torch(0.3, 1e-3)},
      {"pytorch/bn2d", torch(0.1)},
      {"pytorch/bn2d_cumulative", cumulative()},
      {"pytorch/bn2d_not_affine", torch_without(torch_options(Decay::take(0.3)), false)},
      {"pytorch/bn2d_no_bias", torch_without(torch_options(), true)},
      {"pytorch/bn3d", by_preset(Preset::torch)},
      {"pytorch/bn3d_cumulative_not_affine", torch_without(torch_options(Cumulative{}), false)},
      {"keras/rank2_axis1", by_preset(Preset::keras)},
      {"keras/rank3_axis2", plain(0.99)},
      {"keras/rank4_axis3", plain(0.99)},
      {"keras/rank5_axis4", plain(0.99)},
      {"keras/rank3_axis1", over_axes({1}, 0.9)},
      {"keras/rank4_axis1", over_axes({1}, 0.9)},
      {"keras/rank4_axis2", over_axes({-2}, 0.9)},
      {"keras/rank5_axis1", over_axes({1}, 0.9)},
      {"keras/rank5_axis2", over_axes({2}, 0.9)},
      {"keras/rank5_axis3", over_axes({-2}, 0.9)},
      {"keras/no_center", keras_without(false, true)},
      {"keras/no_scale", keras_without(true, false, 0.99, 1e-5)},
      {"keras/bare", keras_without(false, false, 0.9)},
      {"keras/initializers", initialised(), true},
      {"tf1/dense", by_preset(Preset::tf1)},
      {"tf1/conv_not_fused", plain(0.9)},
      {"tf1/conv_fused", by_preset(Preset::tf1)},
      {"tf1/conv_fused_keep_0.9", fused(0.9)},
      {"tf1/rank5_fused", by_preset(Preset::tf1)},
      {"tf1/conv_axis1_not_fused", over_axes({1}, 0.9)},
      {"tf1/axes_1_3", over_axes({1, 3}, 0.9)},
      {"tf1/rank3", by_preset(Preset::tf1)},
      {"tf1/rank5_not_fused", plain(0.9)},
      {"tf1/no_center", keras_without(false, true)},
      {"tf1/no_scale", keras_without(true, false)},
      {"tf1/bare", keras_without(false, false)},
      {"tf1/conv_fused_bare", tf1_fused_bare()},
      {"keras/renorm", renorm_keras(0.9, unlimited(), 0.9)},
      {"keras/renorm_clipped", renorm_keras(0.99, clipped(), 0.9)},
      {"tf1/renorm", renorm_keras(0.9, unlimited(), 0.99)},
      {"tf1/renorm_clipped", renorm_keras(0.99, clipped(), 0.9)},
      {"tf1/renorm_clipped_conv", renorm_keras(0.99, clipped(), 0.95)},
      {"tf1/virtual_batch", virtual_batch(4, 0.9)},
      {"tf1/virtual_batch_conv", virtual_batch(2, 0.9)},
      {"formulas/weighted", weighted(0.9, false)},
      {"formulas/weighted_counted", weighted(0.99, true)},
      {"formulas/weighted_conv", weighted(0.9, true)},
      {"formulas/ghost_hoffer", hoffer(4)},
      {"formulas/ghost_hoffer_conv", hoffer(3)},
      {"formulas/ghost_merged", ghost({.size = 4}, 0.9, false)},
      {"formulas/ghost_merged_counted", ghost({.size = 4}, 0.99, true)},
      {"formulas/ghost_merged_conv", ghost({.size = 3}, 0.99, true)},
      {"formulas/ghost_merged_sample", ghost({.size = 2}, 0.9, false, MovingVariance::sample)},
      {"formulas/ghost_interleaved_merged", ghost({4, Grouping::interleaved}, 0.9, false)},
      {"formulas/ghost_interleaved_merged_conv", ghost({3, Grouping::interleaved}, 0.99, true)},
      {"formulas/renorm_deviation", scheduled(RenormMoves::deviation, false)},
      {"formulas/renorm_deviation_counted", scheduled(RenormMoves::deviation, true)},
      {"formulas/renorm_variance", scheduled(RenormMoves::variance, false)},
      {"formulas/renorm_variance_counted", scheduled(RenormMoves::variance, true)},
      {"formulas/renorm_variance_tight", tight_variance()},
  };
}

// Cases whose layer does not exist yet, and the trap, which has a test of its own.
const std::set<std::string> kWaiting = {
    "keras/mask_rank3",
    "keras/mask_rank4",
    "tf1/dense_training_false",
};

constexpr int kGoldenUpdates = 100;

// What f32 may lose, in units of its rounding (2^-24), for sums of M = elements / channels values:
// M for a sum, 16 for what comes before and after it, 2 for each update of a moving statistic; by r
// and d of renorm all tensors carry those too.
struct Allowed {
  double tolerance;
  double floor;
};

Allowed allowed(const GoldenBatchNorm& golden, const std::string& name, Engine engine) {
  if (engine == Engine::interpreter_f64 && !golden.float32) return {1e-12, 1};
  const std::size_t channels = golden.steps.front().tensors.at("moving_mean").size();
  const double M = static_cast<double>(golden.shape.elements()) / static_cast<double>(channels);
  const double runs_in_f32 = golden.float32 && engine != Engine::interpreter_f64 ? 2 : 1;
  const bool moves =
      name.rfind("moving_", 0) == 0 || golden.name.find("renorm") != std::string::npos;
  const double updates = moves ? 2 * kGoldenUpdates : 0;
  // The largest terms: of y and dx about 4; of a sum of M products dy xhat, each below 2, 2 M.
  const double floor = name == "dgamma" || name == "dbeta" ? 2 * M : 4;
  return {runs_in_f32 * (M + 16 + updates) * 0x1p-24, floor};
}

void expect_golden(const GoldenBatchNorm& golden, const std::string& name, const Tensor& actual,
                   const std::vector<double>& expected, Engine engine) {
  const auto [tolerance, floor] = allowed(golden, name, engine);
  EXPECT_TRUE(close(actual, expected, tolerance, floor)) << name;
}

void expect_golden_run(const Row& row, Engine engine) {
  const GoldenBatchNorm& golden = golden_batch_norm(row.name);
  BatchNormRun run(row.build, golden.shape, row.starts_itself ? Start{} : golden.start, engine);
  ASSERT_EQ(golden.steps.back().t, kGoldenUpdates);
  auto expected = golden.steps.begin();
  for (std::int64_t t = 1; t <= kGoldenUpdates; ++t) {
    const std::map<std::string, Tensor> actual = run.step(t);
    if (t != expected->t) continue;
    for (const char* name : {"dgamma", "dbeta"})
      EXPECT_EQ(actual.count(name), expected->tensors.count(name)) << name;
    SCOPED_TRACE("step " + std::to_string(t));
    for (const auto& [name, values] : expected->tensors)
      expect_golden(golden, name, actual.at(name), values, engine);
    ++expected;
  }
  const Tensor y = run.infer(golden.inference.t);
  SCOPED_TRACE("inference");
  // It carries the statistics' error.
  const auto [tolerance, floor] = allowed(golden, "moving_mean", engine);
  EXPECT_TRUE(close(y, golden.inference.tensors.at("y"), tolerance, floor));
}

class GoldenBatchNorms : public testing::TestWithParam<Row> {};

TEST_P(GoldenBatchNorms, InDouble) { expect_golden_run(GetParam(), Engine::interpreter_f64); }
TEST_P(GoldenBatchNorms, InFloat) { expect_golden_run(GetParam(), Engine::interpreter_f32); }
TEST_P(GoldenBatchNorms, ByAPlan) { expect_golden_run(GetParam(), Engine::plan_f32); }

INSTANTIATE_TEST_SUITE_P(All, GoldenBatchNorms, testing::ValuesIn(rows()), [](const auto& info) {
  std::string name = info.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '.'; }, '_');
  return name;
});

TEST(GoldenBatchNorm, EveryCaseIsTriedOrWaits) {
  std::set<std::string> known = kWaiting;
  for (const Row& row : rows())
    EXPECT_TRUE(known.insert(row.name).second) << row.name << " is tried and waits";
  const std::vector<std::string> names = golden_batch_norm_names();
  EXPECT_EQ(known, std::set<std::string>(names.begin(), names.end()));
}

// training=False in training, TensorFlow 1's default: what a layer of ours gives in inference
// before its first step. Nothing is normalised, and nothing is learned about the data.
TEST(GoldenBatchNorm, TensorFlowsTrapIsInferenceByStatisticsThatWereNeverUpdated) {
  const GoldenBatchNorm& golden = golden_batch_norm("tf1/dense_training_false");
  BatchNormRun run(plain(0.99), golden.shape, golden.start, Engine::interpreter_f64);
  for (const GoldenStep& step : golden.steps) {
    EXPECT_TRUE(close(run.infer(step.t), step.tensors.at("y"), 1e-12, 1));
    EXPECT_EQ(step.tensors.at("moving_mean"), std::vector<double>(4, 0));
    EXPECT_EQ(step.tensors.at("moving_variance"), std::vector<double>(4, 1));
  }
}

}  // namespace
}  // namespace evenkeel::test
