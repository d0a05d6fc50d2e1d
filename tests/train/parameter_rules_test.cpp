// SPDX-License-Identifier: Apache-2.0
// Penalties and constraints of gamma and beta, as a whole step applies them.
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "evenkeel/train/update_graph.h"
#include "tests/support/compare.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

// gamma of one step by SGD with rate 0.5, from `gamma` by gradient `slope`.
Tensor after_step(State state, const std::vector<double>& gamma, const std::vector<double>& slope,
                  double clip_norm = 0) {
  state.type = {DType::f64, {static_cast<std::int64_t>(gamma.size())}};
  state.role = Role::gamma;
  Graph graph("step");
  const Value p = graph.add(state, {}, "bn1/gamma");
  const Value g = ops::input(graph, "g", DType::f64, state.type.shape);
  add_updates(graph, Sgd{.clip_norm = clip_norm}, {p}, {g});
  NamedTensors feeds;
  feeds["bn1/gamma"] = Tensor::of<double>(state.type.shape, gamma);
  feeds["g"] = Tensor::of<double>(state.type.shape, slope);
  feeds["learning_rate"] = Tensor::of<double>({}, {0.5});
  return Interpreter(graph, 1).run(feeds).updates.at("bn1/gamma");
}

TEST(ParameterRules, AddThePenaltysGradient) {
  State state;
  state.l1 = 0.25;
  state.l2 = 0.5;
  // g + 0.25 sign(p) + p: 1 + 0.25 + 2 and 1 - 0.25 - 4
  EXPECT_TRUE(close(after_step(state, {2, -4}, {1, 1}), {2 - 0.5 * 3.25, -4 + 0.5 * 3.25}));
}

TEST(ParameterRules, ThePenaltyIsClippedWithTheGradient) {
  State state;
  state.l2 = 0.5;  // gradients 3 and 4 in all, of norm 5
  const double factor = 1 / (5 + 1e-6);
  EXPECT_TRUE(
      close(after_step(state, {2, 3}, {1, 1}, 1), {2 - 1.5 * factor, 3 - 2 * factor}, 1e-15));
}

TEST(ParameterRules, BoundWhatTheUpdateGives) {
  State state;
  state.bound = Bound::non_negative;
  EXPECT_TRUE(close(after_step(state, {1, 1}, {4, 1}), {0, 0.5}));
  state.bound = Bound::max_norm;
  state.high = 1;
  // updated (3, 4), of norm 5
  const double by = 1 / (1e-7 + 5);
  EXPECT_TRUE(close(after_step(state, {4, 5}, {2, 2}), {3 * by, 4 * by}, 1e-15));
}

Model ruled_model(const BatchNormOptions& options) {
  return Sequential("ruled", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(4)
      .flatten()
      .batch_norm(options)
      .dense(10)
      .build();
}

double norm(const Tensor& tensor) {
  double squares = 0;
  for (const float value : tensor.values<float>()) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

TEST(ParameterRules, HoldInTrainingByPlans) {
  const auto train = [](const BatchNormOptions& options, const Optimizer& optimizer) {
    Trainer run(ruled_model(options), softmax_cross_entropy(), optimizer,
                {.seed = 1, .threads = 2});
    run.fit(small_data(), {.epochs = 3, .batch_size = 32});
    return run;
  };
  for (const Optimizer& optimizer :
       {Optimizer(Adam{.learning_rate = 0.05}), Optimizer(Rmsprop{.learning_rate = 0.05}),
        Optimizer(Sgd{.learning_rate = 0.5, .momentum = 0.9}),
        Optimizer(Adagrad{.learning_rate = 0.3}), Optimizer(Muon{.other_factor = 2.5})}) {
    SCOPED_TRACE(std::string(name_of(optimizer)));
    const Trainer bound = train({.gamma_constraint = Constraint::unit_norm(),
                                 .beta_constraint = Constraint::non_negative()},
                                optimizer);
    EXPECT_NEAR(norm(bound.state("bn1/gamma")), 1, 1e-5);
    const Tensor beta = bound.state("bn1/beta");
    for (const float value : beta.values<float>()) EXPECT_GE(value, 0);
    EXPECT_GT(norm(beta), 0);
    const Trainer free = train({}, optimizer);
    EXPECT_GT(norm(free.state("bn1/gamma")), 2);
    const Trainer penalised = train({.gamma_penalty = {.l2 = 0.05}}, optimizer);
    EXPECT_LT(norm(penalised.state("bn1/gamma")), norm(free.state("bn1/gamma")));
  }
}

// In f64 by the reference kernels, the first step against the formula.
TEST(ParameterRules, TheLossShownIsWithoutThePenalty) {
  const auto first = [](const BatchNormOptions& options) {
    Trainer run(ruled_model(options), softmax_cross_entropy(), Sgd{.learning_rate = 0.25},
                {.seed = 1, .threads = 2, .precision = Precision::f64});
    double loss = 0;
    const Callback look{.on_batch = [&](Trainer&, const BatchEvent& event) { loss = event.loss; }};
    run.fit(small_data(32), {.epochs = 1, .batch_size = 32, .callbacks = {look}});
    return std::pair(loss, run.state("bn1/gamma"));
  };
  const auto [loss, gamma] = first({});
  const auto [same_loss, pulled] = first({.gamma_penalty = {.l1 = 0.5, .l2 = 0.25}});
  EXPECT_EQ(loss, same_loss);
  std::vector<double> expected;  // gamma begins at 1: its penalty's gradient is 0.5 + 0.5
  for (const double value : gamma.values<double>()) expected.push_back(value - 0.25);
  EXPECT_TRUE(close(pulled, expected, 1e-12, 1));
}

}  // namespace
}  // namespace evenkeel::test
