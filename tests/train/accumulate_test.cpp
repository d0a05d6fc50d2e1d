// SPDX-License-Identifier: Apache-2.0
// FitOptions::accumulate: one update for the gradients of several micro-batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/data/batches.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/train/step_graph.h"
#include "tests/support/compare.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Model plain_model() {
  return Sequential("plain", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(2)
      .conv2d(4, 3, {.stride = 2, .activation = Activation::relu})
      .max_pool2d(2)
      .flatten()
      .dense(16, {.activation = Activation::relu})
      .layer_norm()
      .dense(10)
      .build();
}

Trainer trainer(const Model& model, const Optimizer& optimizer, TrainerOptions options = {}) {
  options.seed = 1;
  options.threads = 2;
  return Trainer(model, softmax_cross_entropy(), optimizer, options);
}

std::map<std::string, Tensor> accumulated_states(const Trainer& trainer) {
  std::map<std::string, Tensor> result;
  for (const std::string& name : trainer.state_names()) result[name] = trainer.state(name);
  return result;
}

double largest_difference(const Trainer& a, const Trainer& b) {
  double result = 0;
  for (const auto& [name, tensor] : accumulated_states(a)) {
    const Tensor other = b.state(name);
    const auto compare = [&](const auto& x, const auto& y) {
      for (std::size_t i = 0; i < x.size(); ++i)
        result = std::max(result, static_cast<double>(std::abs(x[i] - y[i])));
    };
    if (tensor.dtype == DType::f64) compare(tensor.values<double>(), other.values<double>());
    if (tensor.dtype == DType::f32)
      compare(tensor.values<float>(), std::as_const(other).values<float>());
  }
  return result;
}

// The batches' losses and correct images.
std::vector<BatchEvent> fit(Trainer& trainer, std::int64_t batch, std::int64_t accumulate,
                            std::int64_t epochs = 2) {
  std::vector<BatchEvent> events;
  const Callback look{
      .on_batch = [&](Trainer&, const BatchEvent& event) { events.push_back(event); }};
  trainer.fit(
      small_data(),
      {.epochs = epochs, .batch_size = batch, .callbacks = {look}, .accumulate = accumulate});
  return events;
}

struct Accumulating : testing::TestWithParam<Optimizer> {};

TEST_P(Accumulating, MakesTheUpdatesOfTheLargeBatch) {
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    Trainer large = trainer(plain_model(), GetParam(), {.precision = precision});
    Trainer micro = trainer(plain_model(), GetParam(), {.precision = precision});
    const std::vector<BatchEvent> of_large = fit(large, 32, 1, 1);
    const std::vector<BatchEvent> of_micro = fit(micro, 8, 4, 1);
    const double bound = precision == Precision::f64 ? 1e-12 : 2e-4;
    EXPECT_LT(largest_difference(large, micro), bound);
    ASSERT_EQ(of_micro.size(), of_large.size());
    for (std::size_t i = 0; i < of_large.size(); ++i) {
      const BatchEvent& a = of_large[i];
      const BatchEvent& b = of_micro[i];
      EXPECT_EQ(std::tie(a.epoch, a.batch, a.batches, a.step, a.batch_size, a.learning_rate),
                std::tie(b.epoch, b.batch, b.batches, b.step, b.batch_size, b.learning_rate));
      EXPECT_NEAR(a.loss, b.loss, bound);
      EXPECT_NEAR(static_cast<double>(a.correct), static_cast<double>(b.correct),
                  precision == Precision::f64 ? 0 : 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Optimizers, Accumulating,
    testing::Values(Sgd{.learning_rate = 0.05}, Sgd{.learning_rate = 0.05, .clip_norm = 0.1},
                    Sgd{.learning_rate = 0.05, .momentum = 0.9, .l2 = 0.01},
                    Rmsprop{.learning_rate = 1e-3, .epsilon = 1e-3},
                    Adam{.learning_rate = 1e-3, .epsilon = 1e-3, .clip_norm = 0.1}),
    [](const auto& info) { return std::string(name_of(info.param)) + std::to_string(info.index); });

TEST(Accumulate, TwoBatchesHaveNoMiddleAndOneIsAsEver) {
  Trainer large = trainer(plain_model(), Sgd{.learning_rate = 0.05}, {.precision = Precision::f64});
  Trainer micro = trainer(plain_model(), Sgd{.learning_rate = 0.05}, {.precision = Precision::f64});
  fit(large, 32, 1, 1);
  fit(micro, 16, 2, 1);
  EXPECT_LT(largest_difference(large, micro), 1e-12);
}

// Its gradient is a constant 0, which is accumulated all the same.
TEST(Accumulate, AWeightThatNothingReadsIsNoTrouble) {
  const Layer odd(
      [](Scope& scope, Value x) {
        scope.parameter("unread", {4}, Initializer::ones);
        return layers::dense(10)(scope, x);
      },
      "odd");
  const Model model = Sequential("net", image(28, 28, 1)).max_pool2d(7).flatten().add(odd).build();
  Trainer run = trainer(model, Adam{});
  fit(run, 8, 4, 1);
  EXPECT_EQ(run.state("odd/unread"), Tensor::of<float>({4}, {1, 1, 1, 1}));
  EXPECT_EQ(run.completed_steps(), 10);
}

// Each micro-batch by itself, and moving statistics follow each of them.
TEST(Accumulate, BatchNormIsPerMicroBatch) {
  const Optimizer still = Sgd{.learning_rate = 1e-300};
  Trainer micro = trainer(small_model(), still, {.precision = Precision::f64});
  Trainer each = trainer(small_model(), still, {.precision = Precision::f64});
  const std::vector<BatchEvent> of_micro = fit(micro, 8, 4, 1);
  const std::vector<BatchEvent> of_each = fit(each, 8, 1, 1);
  ASSERT_EQ(of_micro.size() * 4, of_each.size());
  for (const char* name : {"bn1/moving_mean", "bn1/moving_variance", "state/bn1/updates_seen"})
    EXPECT_EQ(micro.state(name), each.state(name)) << name;
  for (std::size_t i = 0; i < of_micro.size(); ++i) {
    double loss = 0;
    for (std::size_t k = 0; k < 4; ++k) loss += of_each[4 * i + k].loss / 4;
    EXPECT_NEAR(of_micro[i].loss, loss, 1e-12);
  }
}

TEST(Accumulate, AResumedRunEqualsOneThatNeverStopped) {
  const TemporaryFolder folder;
  const auto run = [&](Trainer& trainer, std::int64_t stop_at) {
    const Callback stop{.on_batch = [&](Trainer& self, const BatchEvent& event) {
      if (event.step == stop_at) self.request_stop();
    }};
    trainer.fit(small_data(), {.epochs = 2, .batch_size = 8, .callbacks = {stop}, .accumulate = 3});
  };
  Trainer whole = small_trainer();
  run(whole, -1);
  EXPECT_EQ(whole.completed_steps(), 26);  // 320 / 24, twice
  whole.save(folder / "whole");
  Trainer first = small_trainer();
  run(first, 17);
  first.save(folder / "part");
  Trainer second = small_trainer();
  second.restore(folder / "part");
  run(second, -1);
  second.save(folder / "resumed");
  EXPECT_EQ(read_bytes(folder / "resumed"), read_bytes(folder / "whole"));
}

TEST(Accumulate, WhatIsGatheredWithinAStepIsNowhereToBeSeen) {
  const TemporaryFolder folder;
  Trainer plain = small_trainer();
  Trainer run = small_trainer();
  fit(plain, 32, 1, 1);
  fit(run, 8, 4, 1);
  EXPECT_EQ(run.state_names(), plain.state_names());
  run.save(folder / "net");
  for (const auto& [name, tensor] : SafetensorsFile::read(folder / "net").tensors)
    EXPECT_EQ(name.find(kAccumulated), std::string::npos) << name;
  // A trainer that has gathered takes any checkpoint of its network, and goes on with it.
  plain.save(folder / "plain");
  run.restore(folder / "plain");
  EXPECT_EQ(accumulated_states(run), accumulated_states(plain));
}

// Images of which one is so bright that the variance beside the others is none in f32.
Dataset with_a_bright_image(std::int64_t which) {
  std::vector<std::uint8_t> pixels(4 * 64);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = i % 3 == 0 ? 0 : 1;
  pixels[static_cast<std::size_t>(4 * which)] = 255;
  std::vector<std::int32_t> labels(64);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 2);
  return Dataset("bright", Tensor::of<std::uint8_t>(Shape{64, 2, 2, 1}, pixels), labels, 2);
}

TEST(Accumulate, AFailingMicroBatchLeavesTheStateAsBeforeItsStep) {
  const Model model =
      Sequential("net", image(2, 2, 1).scale(1e18)).flatten().batch_norm().dense(2).build();
  Trainer run = trainer(model, Adam{});
  // In the third micro-batch of the second step.
  const std::int64_t which = BatchSampler(64, 4, {.seed = 1}).indices(4 + 2)[1];
  std::map<std::string, Tensor> last;
  const Callback keep{
      .on_batch = [&](Trainer& self, const BatchEvent&) { last = accumulated_states(self); }};
  const std::string message = message_of([&] {
    run.fit(with_a_bright_image(which),
            {.epochs = 1, .batch_size = 4, .callbacks = {keep}, .accumulate = 4});
  });
  EXPECT_THAT(message, AllOf(HasSubstr("[bn1] first gave a value that is not finite in step 2, "
                                       "micro-batch 3 of 4: "),
                             HasSubstr("the state is as before that step")));
  EXPECT_EQ(run.completed_steps(), 1);
  EXPECT_EQ(accumulated_states(run), last);
}

TEST(Accumulate, SaysWhatMakesNoSense) {
  Trainer run = small_trainer();
  const auto refusal = [&](std::int64_t batch, std::int64_t accumulate) {
    return message_of([&] { fit(run, batch, accumulate, 1); });
  };
  EXPECT_EQ(refusal(32, 0),
            "[accumulate] expected from 1 to 10 batches of 32 for a step, as many as the data set "
            "has, got 0");
  EXPECT_THAT(refusal(32, 11), HasSubstr("from 1 to 10 batches of 32"));
  EXPECT_THAT(refusal(32, std::int64_t{1} << 62), HasSubstr("from 1 to 10 batches of 32"));
  EXPECT_THAT(refusal(400, 1), HasSubstr("batch size 400"));
  // One image makes no batch statistics, however many of them are accumulated.
  EXPECT_THAT(refusal(1, 32), HasSubstr("at least 2 values per channel"));
  fit(run, 8, 4, 1);
  EXPECT_THAT(refusal(8, 2), HasSubstr("expected 32 as before, got 16"));
  EXPECT_EQ(message_of([&] { fit(run, 16, 2, 2); }), "");
}

TEST(Accumulate, GraphsOfAStepsPartsUpdateWhatTheyShould) {
  const Graph network = Sequential("net", image(4, 4, 1)).flatten().dense(2).build().graph();
  const auto step = [&](StepPart::Place place) {
    return add_training_step(network, softmax_cross_entropy(), Adam{}, Labels::classes, {place, 3});
  };
  const auto updated = [](const Graph& graph) {
    std::vector<std::string> names;
    for (const Update& update : graph.updates()) names.push_back(graph.node(update.state).name);
    return names;
  };
  using Place = StepPart::Place;
  const std::vector<std::string> gathered = {"state/accumulated/dense1/kernel",
                                             "state/accumulated/dense1/bias"};
  EXPECT_EQ(updated(step(Place::first)), gathered);
  EXPECT_EQ(updated(step(Place::middle)), gathered);
  EXPECT_EQ(updated(step(Place::last)), updated(step(Place::only)));
  EXPECT_FALSE(step(Place::first).contains("learning_rate"));
  EXPECT_FALSE(step(Place::only).contains("state/accumulated/dense1/kernel"));
}

}  // namespace
}  // namespace evenkeel::test
