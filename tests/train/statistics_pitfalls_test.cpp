// SPDX-License-Identifier: Apache-2.0
// What is known to go wrong with the statistics of batch norm, and what comes of it here.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "evenkeel/train/predictor.h"
#include "tests/support/compare.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

// Statistics of what dense1 makes: they change with its weights.
Model deep_model(const BatchNormOptions& options = {}) {
  return Sequential("deep", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(4)
      .flatten()
      .dense(24, {.bias = false})
      .batch_norm(options)
      .relu()
      .dense(10)
      .build();
}

Trainer pitfall_trainer(const Model& model,
                        const Optimizer& optimizer = Adam{.learning_rate = 3e-3},
                        std::uint64_t seed = 1) {
  return Trainer(model, softmax_cross_entropy(), optimizer, {.seed = seed, .threads = 2});
}

TEST(StatisticsPitfall, AnAverageTooSlowForAShortRunIsMadeUpFor) {
  Trainer run = pitfall_trainer(deep_model({.decay = Decay::keep(0.99), .count_weighted = false}),
                                Adam{.learning_rate = 1e-2});
  run.fit(small_data(), {.epochs = 4, .batch_size = 32});
  const Dataset unseen = small_data(200, 2);
  const Evaluation moving = run.evaluate(unseen);
  run.recalibrate(small_data());
  const Evaluation exact = run.evaluate(unseen);
  EXPECT_LT(exact.loss, 0.8 * moving.loss);
  EXPECT_GT(exact.accuracy, moving.accuracy);
}

// One batch of all images: training and evaluation normalise by the same numbers.
TEST(StatisticsPitfall, TrainingAndEvaluationAgreeOnTheSameImages) {
  Trainer run = pitfall_trainer(deep_model(), Sgd{.learning_rate = 1e-30});
  Trainer weights = pitfall_trainer(deep_model());
  weights.fit(small_data(), {.epochs = 3, .batch_size = 32});
  for (const char* name :
       {"dense1/kernel", "bn1/gamma", "bn1/beta", "dense2/kernel", "dense2/bias"})
    run.set_state(name, weights.state(name));
  double training_loss = 0;
  std::int64_t training_correct = 0;
  const Callback note{.on_batch = [&](Trainer&, const BatchEvent& event) {
    training_loss = event.loss;
    training_correct = event.correct;
  }};
  run.fit(small_data(), {.epochs = 1, .batch_size = 320, .callbacks = {note}});
  const Evaluation evaluation =
      run.evaluate(small_data(), {.statistics = Recalibrated{.images = 320}});
  EXPECT_NEAR(evaluation.loss, training_loss, 1e-5 * training_loss);
  EXPECT_EQ(evaluation.correct, training_correct);
}

TEST(StatisticsPitfall, AveragedWeightsGetStatisticsOfTheirOwn) {
  Trainer a = pitfall_trainer(deep_model());
  a.fit(small_data(), {.epochs = 2, .batch_size = 32});
  Trainer b = pitfall_trainer(deep_model());
  b.fit(small_data(), {.epochs = 12, .batch_size = 32});
  Trainer average = pitfall_trainer(deep_model());
  average.fit(small_data(), {.epochs = 1, .batch_size = 32});
  for (const std::string& name : average.state_names()) {
    Tensor mean = a.state(name);
    if (mean.dtype != DType::f32) continue;
    const Tensor other = b.state(name);
    for (std::size_t i = 0; i < mean.values<float>().size(); ++i)
      mean.values<float>()[i] = (mean.values<float>()[i] + other.values<float>()[i]) / 2;
    average.set_state(name, mean);
  }
  // Whatever the moving statistics are, the recalibrated ones are those of the weights.
  const Dataset unseen = small_data(200, 2);
  const Statistics recalibrated = Recalibrated{.data = small_data()};
  const double loss = average.evaluate(unseen, {.statistics = recalibrated}).loss;
  EXPECT_LT(loss, average.evaluate(unseen).loss);
  average.set_state("bn1/moving_mean", Tensor(DType::f32, {24}));
  EXPECT_EQ(average.evaluate(unseen, {.statistics = recalibrated}).loss, loss);
}

// Native kernels: their sums do not depend on an image's place either.
TEST(StatisticsPitfall, WhatStandsInTheTestBatchHasNoInfluence) {
  Trainer run(deep_model(), softmax_cross_entropy(), Adam{.learning_rate = 3e-3},
              {.seed = 1, .threads = 2, .kernels = "native"});
  run.fit(small_data(), {.epochs = 2, .batch_size = 32});
  run.recalibrate(small_data());
  const Dataset unseen = small_data(60, 2);
  const Predictor predictor(run, {.slice = 16, .kernels = "native"});
  std::vector<float> all(600);
  predictor.logits(unseen.images(), all);
  for (std::int64_t i = 0; i < 60; ++i) {
    std::array<float, 10> alone = {};
    predictor.logits(unseen.image(i), alone);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), all.begin() + 10 * i)) << i;
  }
  double loss = 0;
  for (std::int64_t i = 0; i < 60; i += 20) loss += run.evaluate(unseen.subset(i, i + 20)).loss / 3;
  EXPECT_NEAR(loss, run.evaluate(unseen).loss, 1e-12 * loss);
}

TEST(StatisticsPitfall, StatisticsAreTheSameInEveryPrecision) {
  std::vector<std::vector<double>> variances;
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    Trainer run(deep_model(), softmax_cross_entropy(), Adam{},
                {.seed = 1, .threads = 2, .precision = precision});
    run.recalibrate(small_data());
    const Tensor stored = run.state("bn1/moving_variance");
    EXPECT_EQ(stored.dtype, precision == Precision::f32 ? DType::f32 : DType::f64);
    variances.push_back(to_doubles(stored));
  }
  for (std::size_t c = 0; c < variances[0].size(); ++c)
    EXPECT_NEAR(variances[0][c], variances[1][c], 1e-5 * variances[1][c]);
}

}  // namespace
}  // namespace evenkeel::test
