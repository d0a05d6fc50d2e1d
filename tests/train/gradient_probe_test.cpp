// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/gradient_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/compare.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using test::small_data;
using ::testing::ElementsAre;

constexpr std::int64_t kBatch = 32;

std::vector<std::string> names_of(const std::vector<std::pair<std::string, Tensor>>& gradients) {
  std::vector<std::string> names;
  for (const auto& [name, gradient] : gradients) names.push_back(name);
  return names;
}

// With plain SGD at rate 1 a step takes the gradient away.
void expect_next_step(Model model, TrainerOptions options) {
  options.seed = 1;
  options.threads = 1;
  Trainer trainer(std::move(model), softmax_cross_entropy(), Sgd{.learning_rate = 1}, options);
  const Dataset data = small_data();
  std::vector<std::pair<std::string, Tensor>> expected;
  std::map<std::string, Tensor> before;
  Callback callback;
  callback.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == 1) {
      expected = next_gradients(trainer, data, kBatch);
      for (const auto& [name, gradient] : expected) before[name] = trainer.state(name);
    }
    if (event.step == 2) trainer.request_stop();
  };
  trainer.fit(data, {.epochs = 1, .batch_size = kBatch, .callbacks = {callback}});
  ASSERT_FALSE(expected.empty());
  for (const auto& [name, gradient] : expected) {
    const std::vector<double> was = test::to_doubles(before.at(name));
    std::vector<double> change = test::to_doubles(trainer.state(name));
    for (std::size_t i = 0; i < change.size(); ++i) change[i] = was[i] - change[i];
    EXPECT_TRUE(test::close(gradient, change, 1e-3, 1e-3)) << name;
  }
}

TEST(GradientProbe, GivesWhatTheNextStepTakesAway) { expect_next_step(test::small_model(), {}); }

TEST(GradientProbe, WithDropoutToo) {
  expect_next_step(Sequential("dropping", image(28, 28, 1).scale(1 / 255.0))
                       .max_pool2d(4)
                       .flatten()
                       .dense(16, {.activation = Activation::relu})
                       .dropout(0.5)
                       .dense(10)
                       .build(),
                   {});
}

TEST(GradientProbe, OfSmoothedLabelsAndWeightedClassesToo) {
  TrainerOptions options;
  options.label_smoothing = 0.1;
  options.class_weights = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
  expect_next_step(test::small_model(), options);
}

TEST(GradientProbe, InDoublePrecisionToo) {
  TrainerOptions options;
  options.precision = Precision::f64;
  options.kernels = "reference";
  expect_next_step(test::small_model(), options);
}

TEST(GradientProbe, NamesAllThatTrains) {
  Trainer trainer = test::small_trainer();
  const auto gradients = next_gradients(trainer, small_data(), kBatch);
  EXPECT_THAT(names_of(gradients), ElementsAre("bn1/gamma", "bn1/beta", "dense1/kernel",
                                               "dense1/bias", "dense2/kernel", "dense2/bias"));
}

TEST(GradientProbe, LeavesTheRunAsItIs) {
  const Dataset data = small_data();
  const auto train = [&](bool look) {
    Trainer trainer = test::small_trainer();
    Callback callback;
    callback.on_batch = [&](Trainer&, const BatchEvent&) {
      if (look) next_gradients(trainer, data, kBatch);
    };
    trainer.fit(data, {.epochs = 1, .batch_size = kBatch, .callbacks = {callback}});
    std::vector<Tensor> state;
    for (const std::string& name : trainer.state_names()) state.push_back(trainer.state(name));
    return state;
  };
  EXPECT_EQ(train(true), train(false));
}

TEST(GradientProbe, IsEmptyWhereTheLossIsNotFinite) {
  Trainer trainer = test::small_trainer();
  Tensor kernel = trainer.state("dense2/kernel");
  kernel.values<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  trainer.set_state("dense2/kernel", kernel);
  EXPECT_TRUE(next_gradients(trainer, small_data(), kBatch).empty());
}

}  // namespace
}  // namespace evenkeel
