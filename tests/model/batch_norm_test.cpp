// SPDX-License-Identifier: Apache-2.0
// Every setting of the batch norm layer, and what it says to those that make no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/base/random.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/model/initialise.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/sequential.h"
#include "tests/support/graph_checks.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using Axes = std::vector<std::int64_t>;

Sequential net() { return Sequential("net", image(6, 5, 4).scale(0.5)); }

Model model_with(const BatchNormOptions& options) {
  return net().batch_norm(options).flatten().dense(2).build();
}

std::string norm_layer_refusal(const std::function<void()>& function) {
  const std::string text = test::message_of(function);
  return text.empty() ? "accepted" : text;
}

std::string norm_layer_refusal(const BatchNormOptions& options) {
  return norm_layer_refusal([&] { net().batch_norm(options); });
}

const State& state(const Model& model, const std::string& name) {
  return std::get<State>(model.graph().node(model.graph().find(name)).op);
}

const BatchNorm& op(const Model& model, const std::string& layer = "bn1") {
  return std::get<BatchNorm>(model.graph().node(model.graph().find(layer)).op);
}

// Value x [N,..] of any rank, in a scope that has nothing else.
struct Bare {
  Scope scope{"bare", image(1, 1, 1)};
  Value x;
  explicit Bare(const Shape& shape) : x(ops::input(scope.graph(), "x", DType::f32, shape)) {}
};

TEST(BatchNormAxes, KeepStatisticsForEachIndexOfThem) {
  const auto gamma_of = [](const Axes& axes) {
    return to_string(state(model_with({.axes = axes}), "bn1/gamma").type.shape);
  };
  EXPECT_EQ(gamma_of({-1}), "[4]");
  EXPECT_EQ(gamma_of({3}), "[4]");
  EXPECT_EQ(gamma_of({1}), "[6]");
  EXPECT_EQ(gamma_of({-2}), "[5]");
  EXPECT_EQ(gamma_of({1, 3}), "[24]");
  EXPECT_EQ(gamma_of({3, 2, 1}), "[120]");
}

TEST(BatchNormAxes, OfAnyRankGiveBackTheShape) {
  Random random(7, Purpose::test, 1);
  std::uint64_t next = 0;
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(random.below(next++, static_cast<std::uint64_t>(n)));
  };
  for (int repeat = 0; repeat < 100; ++repeat) {
    std::vector<std::int64_t> dims = {kBatch};
    for (std::int64_t rest = 1 + below(4); rest > 0; --rest) dims.push_back(1 + below(5));
    const auto rank = static_cast<std::int64_t>(dims.size());
    Axes axes;
    std::int64_t channels = 1;
    for (std::int64_t axis = 1; axis < rank; ++axis) {
      if (!axes.empty() && below(2) == 0) continue;
      axes.push_back(below(2) == 0 ? axis : axis - rank);
      channels *= dims[static_cast<std::size_t>(axis)];
    }
    Bare bare{Shape(dims)};
    SCOPED_TRACE(to_string(Shape(dims)) + " repeat " + std::to_string(repeat));
    const Value y = layers::batch_norm({.axes = axes})(bare.scope, bare.x);
    EXPECT_EQ(bare.scope.shape(y), Shape(dims));
    const Graph& graph = bare.scope.graph();
    EXPECT_EQ(graph.type({graph.find("bn1/moving_mean"), 0}).shape, Shape{channels});
  }
}

TEST(BatchNormAxes, TheLastNeedsNothingAroundIt) {
  EXPECT_EQ(to_text(model_with({.axes = {3}}).graph()), to_text(model_with({}).graph()));
  EXPECT_THAT(to_text(model_with({}).graph()),
              HasSubstr("%bn1 = batch_norm %scale, @bn1/gamma, @bn1/beta, @bn1/moving_mean, "
                        "@bn1/moving_variance, @state/bn1/updates_seen {epsilon 0.001, keep 0.9, "
                        "count_weighted true, variance population} : f32[N,6,5,4]"));
}

TEST(BatchNormAxes, TheLayerIsStillABatchNorm) {
  for (const Axes& axes : {Axes{3}, Axes{1}, Axes{2, 3}, Axes{1, 3}}) {
    const Model model = model_with({.axes = axes});
    const LayerInfo& layer = model.layers().at(1);
    EXPECT_EQ(layer.name + " " + layer.kind + " " + to_string(layer.output),
              "bn1 batch_norm f32[N,6,5,4]");
  }
}

TEST(BatchNormAxes, RefusesWhatAreNone) {
  EXPECT_EQ(norm_layer_refusal({.axes = {4}}),
            "[bn1] axes: expected axes of [N,6,5,4], from -3 to 3 without 0, got 4");
  EXPECT_EQ(norm_layer_refusal({.axes = {-5}}),
            "[bn1] axes: expected axes of [N,6,5,4], from -3 to 3 without 0, got -5");
  EXPECT_EQ(norm_layer_refusal({.axes = {0}}),
            "[bn1] axes: expected axes behind the batch's, got 0: statistics are over the batch; a "
            "norm of each sample is layer_norm() or group_norm()");
  EXPECT_THAT(norm_layer_refusal({.axes = {1, -4}}),
              HasSubstr("expected axes behind the batch's, got -4"));
  EXPECT_EQ(norm_layer_refusal({.axes = {3, 1, -1}}),
            "[bn1] axes: expected each axis once, got axis 3 twice");
  EXPECT_EQ(norm_layer_refusal({.axes = {}}),
            "[bn1] axes: expected at least one, got none; leave .axes out for the last");
  EXPECT_EQ(norm_layer_refusal([] {
              Bare bare{Shape{kBatch}};
              layers::batch_norm()(bare.scope, bare.x);
            }),
            "[bn1] expected [N,..,C], got [N]");
}

TEST(BatchNormParameters, LeftOutHaveNoState) {
  const Model bare = model_with({.center = false, .scale = false});
  EXPECT_FALSE(bare.graph().contains("bn1/gamma"));
  EXPECT_FALSE(bare.graph().contains("bn1/beta"));
  EXPECT_EQ(std::get<Constant>(bare.graph().node(bare.graph().find("bn1/ones")).op).value, 1);
  EXPECT_EQ(std::get<Constant>(bare.graph().node(bare.graph().find("bn1/zeros")).op).value, 0);
  EXPECT_TRUE(model_with({.center = false}).graph().contains("bn1/gamma"));
  EXPECT_FALSE(model_with({.center = false}).graph().contains("bn1/beta"));
  EXPECT_EQ(norm_layer_refusal({.scale = false, .gamma_penalty = {.l2 = 1}}),
            "[bn1] gamma: expected no initial value, penalty or constraint, as there is no gamma "
            "with scale = false");
  EXPECT_THAT(norm_layer_refusal({.center = false, .beta = InitialValue::constant(1)}),
              HasSubstr("there is no beta with center = false"));
  EXPECT_THAT(norm_layer_refusal({.center = false, .beta_constraint = Constraint::unit_norm()}),
              HasSubstr("there is no beta with center = false"));
}

TEST(BatchNormParameters, BeginWithTheirInitialValues) {
  const Model model = model_with({.gamma = InitialValue::constant(1.5),
                                  .beta = InitialValue::truncated_normal(0.25),
                                  .moving_mean = InitialValue::constant(-3),
                                  .moving_variance = InitialValue::constant(2)});
  const auto first = [&](const char* name) {
    std::vector<float> values(4);
    initialise(state(model, name), name, 1, std::as_writable_bytes(std::span(values)));
    return values[0];
  };
  EXPECT_EQ(first("bn1/gamma"), 1.5F);
  EXPECT_NE(first("bn1/beta"), 0);
  EXPECT_LE(std::abs(first("bn1/beta")), 0.5F);
  EXPECT_EQ(first("bn1/moving_mean"), -3);
  EXPECT_EQ(first("bn1/moving_variance"), 2);
}

TEST(BatchNormParameters, AMovingDeviationBeginsWhereTheMovingVarianceDoes) {
  const auto begins = [](const InitialValue& variance) {
    const Model model =
        model_with({.moving_variance = variance, .batch = Renorm{.moves = RenormMoves::deviation}});
    const std::string name = "bn1/moving_deviation";
    std::vector<float> values(4);
    initialise(state(model, name), name, 1, std::as_writable_bytes(std::span(values)));
    return values[0];
  };
  EXPECT_EQ(begins(Initializer::ones), 1);
  EXPECT_EQ(begins(Initializer::zeros), 0);
  EXPECT_EQ(begins(InitialValue::constant(2.25)), 1.5F);
}

TEST(BatchNormParameters, RefuseInitialValuesThatCannotBe) {
  const std::string variance =
      "[bn1] moving_variance: expected zeros, ones or a finite constant of at least 0 to begin "
      "with, got ";
  EXPECT_EQ(norm_layer_refusal({.moving_variance = InitialValue::constant(-0.5)}),
            variance + "-0.5");
  EXPECT_EQ(norm_layer_refusal({.moving_variance = InitialValue::constant(HUGE_VAL)}),
            variance + "inf");
  EXPECT_EQ(norm_layer_refusal({.moving_variance = InitialValue::constant(std::nan(""))}),
            variance + "nan");
  EXPECT_EQ(norm_layer_refusal({.moving_variance = InitialValue::truncated_normal(1)}),
            variance + "a random one");
  EXPECT_EQ(norm_layer_refusal({.gamma = Initializer::he_normal}),
            "[bn1] gamma: expected zeros, ones, constant or truncated_normal to begin with, got "
            "he_normal, which is for kernels");
  EXPECT_EQ(norm_layer_refusal({.moving_mean = InitialValue::constant(HUGE_VAL)}),
            "[bn1] moving_mean: expected a finite value to begin with, got inf");
}

TEST(BatchNormParameters, KeepPenaltiesAndConstraintsInTheNetwork) {
  const Model model = model_with({.gamma_penalty = {.l1 = 0.5},
                                  .beta_penalty = {.l1 = 1, .l2 = 2},
                                  .gamma_constraint = Constraint::min_max_norm(1, 2, 0.5),
                                  .beta_constraint = Constraint::non_negative()});
  const State& gamma = state(model, "bn1/gamma");
  EXPECT_EQ(gamma.l1, 0.5);
  EXPECT_EQ(gamma.bound, Bound::min_max_norm);
  EXPECT_EQ(gamma.low, 1);
  EXPECT_EQ(gamma.high, 2);
  EXPECT_EQ(gamma.rate, 0.5);
  EXPECT_EQ(state(model, "bn1/beta").l2, 2);
  EXPECT_EQ(state(model, "bn1/beta").bound, Bound::non_negative);
  EXPECT_EQ(parse_graph(to_text(model.graph())), model.graph());
  EXPECT_EQ(norm_layer_refusal({.gamma_penalty = {.l1 = -1}}),
            "[bn1] gamma: expected a finite l1 of at least 0, not -1.000000");
  EXPECT_EQ(norm_layer_refusal({.beta_constraint = Constraint::max_norm(-2)}),
            "[bn1] beta: expected a finite largest norm of at least 0, not -2.000000");
  EXPECT_EQ(norm_layer_refusal({.beta_constraint = Constraint::min_max_norm(0, 1, 2)}),
            "[bn1] beta: expected a rate from 0 to 1, not 2.000000");
}

TEST(BatchNormEpsilon, IsAboveZero) {
  EXPECT_EQ(norm_layer_refusal({.epsilon = 0}), "[bn1] expected epsilon above 0, got 0");
  EXPECT_EQ(norm_layer_refusal({.epsilon = -1e-3}), "[bn1] expected epsilon above 0, got -0.001");
  EXPECT_EQ(norm_layer_refusal({.epsilon = std::nan("")}),
            "[bn1] expected epsilon above 0, got nan");
}

TEST(BatchNormDecay, IsAFractionOrCumulative) {
  for (const double bad : {0.0, 1.0, -0.1, 1.1, std::nan("")}) {
    EXPECT_THAT(norm_layer_refusal([&] { Decay::keep(bad); }),
                ::testing::StartsWith("[Decay::keep] expected a fraction between 0 and 1"));
    EXPECT_THAT(norm_layer_refusal([&] { Decay::take(bad); }),
                ::testing::StartsWith("[Decay::take] expected a fraction between 0 and 1"));
  }
  EXPECT_THAT(norm_layer_refusal([] { Decay::take(1e-20); }), HasSubstr("Cumulative{}"))
      << "it would never move";
  EXPECT_EQ(op(model_with({.decay = Decay::take(0.25)})).keep, 0.75);
  const BatchNorm cumulative = op(model_with({.decay = Cumulative{}}));
  EXPECT_TRUE(cumulative.cumulative());
  EXPECT_TRUE(cumulative.count_weighted);
  EXPECT_EQ(norm_layer_refusal({.decay = Cumulative{}, .count_weighted = false}),
            "[bn1] Cumulative{} weighs each update by their count: expected .count_weighted to "
            "stay true, got false; take Decay::keep() for a plain rule");
}

// Keep, epsilon and stored variance of each, as their documentation has them.
TEST(BatchNormPreset, IsWhatTheOthersDefaultTo) {
  const auto expect = [](const BatchNormOptions& options, double keep, double epsilon,
                         MovingVariance variance) {
    EXPECT_EQ(options.decay.kept(), keep);
    EXPECT_EQ(options.epsilon, epsilon);
    EXPECT_EQ(options.variance, variance);
    EXPECT_FALSE(options.count_weighted);
    EXPECT_TRUE(options.center && options.scale && !options.frozen);
    EXPECT_EQ(options.axes, Axes{-1});
  };
  for (const std::size_t rank : {2U, 3U, 4U, 5U}) {
    SCOPED_TRACE(rank);
    const bool fused = rank >= 4;
    expect(options_of(Preset::tf1, rank), 0.99, 1e-3,
           fused ? MovingVariance::sample : MovingVariance::population);
    expect(options_of(Preset::keras, rank), 0.99, 1e-3, MovingVariance::population);
    expect(options_of(Preset::torch, rank), 0.9, 1e-5, MovingVariance::sample);
  }
}

// TensorFlow 1's fused kernel is for whole batches along one axis, channels last or first.
TEST(BatchNormPreset, OfTf1LooksAtTheAxesAndTheBatch) {
  const auto variance = [](std::size_t rank, BatchNormOptions chosen) {
    return options_of(Preset::tf1, rank, std::move(chosen)).variance;
  };
  EXPECT_EQ(variance(4, {.axes = {1}}), MovingVariance::sample);
  EXPECT_EQ(variance(5, {.axes = {-4}}), MovingVariance::sample);
  EXPECT_EQ(variance(5, {.axes = {4}}), MovingVariance::sample);
  EXPECT_EQ(variance(4, {.axes = {2}}), MovingVariance::population);
  EXPECT_EQ(variance(4, {.axes = {1, 3}}), MovingVariance::population);
  EXPECT_EQ(variance(4, {.batch = Ghost{.size = 8}}), MovingVariance::population);
  EXPECT_EQ(variance(4, {.batch = Renorm{}}), MovingVariance::population);
  const BatchNormOptions kept =
      options_of(Preset::torch, 4, {.decay = Cumulative{}, .axes = {1}, .center = false});
  EXPECT_EQ(kept.axes, Axes{1});
  EXPECT_FALSE(kept.center);
  EXPECT_FALSE(kept.decay.cumulative());
  EXPECT_THROW(options_of(Preset::tf1, 1), InvalidArgument);
}

TEST(BatchNormPreset, GoesByTheRankOfWhatItIsCalledWith) {
  const Model model = net()
                          .batch_norm(Preset::tf1)
                          .flatten()
                          .batch_norm(Preset::tf1, "late")
                          .batch_norm(Preset::torch)
                          .batch_norm({})
                          .dense(2)
                          .build();
  EXPECT_EQ(op(model, "bn1").variance, MovingVariance::sample);
  EXPECT_EQ(op(model, "late").variance, MovingVariance::population);
  EXPECT_EQ(op(model, "bn2"),
            (BatchNorm{1e-5, Decay::take(0.1).kept(), false, MovingVariance::sample}));
  EXPECT_EQ(op(model, "bn3"), BatchNorm{}) << "{} is evenkeel's own, no preset";
}

}  // namespace
}  // namespace evenkeel
