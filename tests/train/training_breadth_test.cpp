// SPDX-License-Identifier: Apache-2.0
// Training with every loss, optimiser and kind of label, and dropout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/model/sequential.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/settings_json.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Dataset digits(std::size_t count = 256, std::uint64_t seed = 1) {
  const auto labels = test::small_labels(count, seed);
  const auto pixels = test::small_images(labels, seed);
  return Dataset(
      "small", Tensor::of<std::uint8_t>(Shape{static_cast<std::int64_t>(count), 28, 28, 1}, pixels),
      std::vector<std::int32_t>(labels.begin(), labels.end()), 10);
}

// Even or odd, as one class of two.
Dataset parity(const Dataset& data) {
  std::vector<std::int32_t> labels;
  for (const std::int32_t label : data.labels()) labels.push_back(label % 2);
  const Tensor images = Tensor::of<std::uint8_t>(Shape{data.size(), 28, 28, 1},
                                                 {data.images().begin(), data.images().end()});
  return Dataset("parity", images, labels, 2);
}

Model broad_network(std::int64_t outputs, double dropout = 0) {
  Sequential model("tiny", image(28, 28, 1).scale(1 / 255.0));
  model.avg_pool2d(2).flatten().batch_norm().dense(32, {.activation = Activation::leaky_relu});
  if (dropout > 0) model.dropout(dropout);
  return model.dense(outputs).build();
}

struct BreadthSetting {
  const char* name;
  Loss loss;
  Optimizer optimizer;
};
class EveryOptimizer : public testing::TestWithParam<BreadthSetting> {};

TEST_P(EveryOptimizer, LearnsAndResumesWithTheSameBytes) {
  const auto& [name, loss, optimizer] = GetParam();
  const test::TemporaryFolder folder;
  const TrainerOptions options{.seed = 3, .threads = 2, .schedule = Schedule::cosine().warm_up(5)};
  const FitOptions fit{.epochs = 8, .batch_size = 32};
  Trainer whole(broad_network(10), loss, optimizer, options);
  whole.fit(digits(), fit);
  whole.save(folder / "whole");
  EXPECT_GT(whole.evaluate(digits(128, 2)).accuracy, 0.9);

  Trainer first(broad_network(10), loss, optimizer, options);
  FitOptions until = fit;
  std::stop_source stop;
  until.stop = stop.get_token();
  until.callbacks = {{.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == 13) stop.request_stop();
  }}};
  EXPECT_FALSE(first.fit(digits(), until));
  first.save(folder / "first");
  Trainer second(broad_network(10), loss, optimizer, options);
  second.restore(folder / "first");
  second.fit(digits(), fit);
  second.save(folder / "second");
  EXPECT_EQ(test::read_bytes(folder / "whole"), test::read_bytes(folder / "second"));
}

const BreadthSetting kBreadthSettings[] = {
    {"adam_clipped", softmax_cross_entropy(), Adam{.learning_rate = 1e-2, .clip_norm = 1}},
    {"adamw", softmax_cross_entropy(), AdamW{.learning_rate = 1e-2}},
    {"sgd", softmax_cross_entropy(), Sgd{.learning_rate = 0.3}},
    {"nesterov_sigmoid", sigmoid_cross_entropy(),
     Sgd{.learning_rate = 0.5, .momentum = 0.9, .nesterov = true, .l2 = 1e-4}},
    {"adagrad", softmax_cross_entropy(), Adagrad{.learning_rate = 0.05}},
    {"muon", softmax_cross_entropy(), Muon{.learning_rate = 0.02}},
    {"muon_clipped", softmax_cross_entropy(),
     Muon{.momentum = 0.9, .nesterov = false, .weight_decay = 0.1, .clip_norm = 1}},
    {"rmsprop_squares", mean_squared_error(), Rmsprop{.learning_rate = 2e-3, .momentum = 0.5}},
};
INSTANTIATE_TEST_SUITE_P(All, EveryOptimizer, testing::ValuesIn(kBreadthSettings),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Labels, OneHotTargetsTrainAsTheirClassesDo) {
  for (const Loss loss : {softmax_cross_entropy(), sigmoid_cross_entropy(), mean_squared_error()}) {
    Trainer classes(broad_network(10), loss, Sgd{.learning_rate = 0.1}, {.seed = 1, .threads = 1});
    Trainer targets(broad_network(10), loss, Sgd{.learning_rate = 0.1}, {.seed = 1, .threads = 1});
    classes.fit(digits(64), {.epochs = 3, .batch_size = 16});
    targets.fit(digits(64).one_hot(), {.epochs = 3, .batch_size = 16});
    const auto a = classes.evaluate(digits(64));
    const auto b = targets.evaluate(digits(64).one_hot());
    EXPECT_NEAR(a.loss, b.loss, 1e-5) << to_string(loss);
    EXPECT_EQ(a.correct, b.correct) << to_string(loss);
  }
}

TEST(Labels, OneOutputTellsTwoClassesApart) {
  const Dataset data = parity(digits());
  Trainer run(broad_network(1), sigmoid_cross_entropy(), AdamW{.learning_rate = 1e-2},
              {.seed = 1, .threads = 2});
  run.fit(data, {.epochs = 12, .batch_size = 32});
  EXPECT_GT(run.evaluate(parity(digits(128, 2))).accuracy, 0.9);
}

TEST(Labels, PredictionsAreAsTheLossMeansThem) {
  const Dataset data = parity(digits());
  Trainer run(broad_network(1), sigmoid_cross_entropy(), AdamW{.learning_rate = 1e-2},
              {.seed = 1, .threads = 2});
  run.fit(data, {.epochs = 12, .batch_size = 32});
  const test::TemporaryFolder folder;
  run.save(folder / "parity");
  const Predictor predictor = Predictor::load(folder / "parity");
  const Dataset unseen = parity(digits(128, 2));
  std::vector<float> probabilities(128);
  predictor.probabilities(unseen.images(), probabilities);
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < unseen.size(); ++i) {
    const std::int64_t found = predictor.classify(unseen.image(i));
    EXPECT_EQ(found, probabilities[static_cast<std::size_t>(i)] > 0.5F ? 1 : 0);
    right += found == unseen.labels()[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  EXPECT_EQ(right, run.evaluate(unseen).correct);
}

TEST(Labels, TargetsOfAnotherWidthAreRefused) {
  Trainer run(broad_network(7), softmax_cross_entropy(), Adam{}, {.threads = 1});
  try {
    run.fit(digits(64).one_hot(), {.batch_size = 16});
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected 7 targets an image"));
  }
}

TEST(TopK, OfASingleOutputIsRefused) {
  Trainer run(broad_network(1), sigmoid_cross_entropy(), Adam{}, {.seed = 1, .threads = 1});
  run.fit(parity(digits(64)), {.epochs = 1, .batch_size = 16});
  EXPECT_THROW(run.evaluate(parity(digits(64)), {.top_k = 1}), InvalidArgument);
  EXPECT_NO_THROW(run.evaluate(parity(digits(64))));
}

TEST(TopK, CountsMoreTheLargerKIs) {
  Trainer run(broad_network(10), softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 1});
  run.fit(digits(64), {.epochs = 1, .batch_size = 16});
  std::int64_t before = 0;
  for (const std::int64_t k : {1, 3, 10}) {
    const Evaluation result = run.evaluate(digits(100, 2), {.top_k = k});
    EXPECT_GE(result.in_top_k, before);
    before = result.in_top_k;
    if (k == 1) {
      EXPECT_EQ(result.in_top_k, result.correct);
    }
  }
  EXPECT_EQ(before, 100);
}

TEST(Dropout, IsAFunctionOfSeedStepAndImage) {
  const auto weights = [](int threads, std::uint64_t seed) {
    Trainer run(broad_network(10, 0.4), softmax_cross_entropy(), Sgd{.learning_rate = 0.1},
                {.seed = seed, .threads = threads, .kernels = "native"});
    run.fit(digits(96), {.epochs = 2, .batch_size = 32});
    return run.state("dense2/kernel");
  };
  EXPECT_EQ(weights(1, 1), weights(3, 1));
  EXPECT_NE(weights(1, 1), weights(1, 2));
}

TEST(Dropout, EvaluationHasNone) {
  Trainer run(broad_network(10, 0.5), softmax_cross_entropy(), AdamW{.learning_rate = 1e-2},
              {.seed = 1, .threads = 1});
  run.fit(digits(), {.epochs = 10, .batch_size = 32});
  const Dataset test = digits(128, 2);
  EXPECT_GT(run.evaluate(test).accuracy, 0.9);
  EXPECT_EQ(run.evaluate(test).loss, run.evaluate(test).loss);
}

TEST(WrongUse, ANetworkThatEndsWithTheLosssOwnEndIsRefused) {
  const Model ended = Sequential("ended", image(4, 4, 1)).flatten().dense(3).softmax().build();
  try {
    Trainer(ended, softmax_cross_entropy(), Adam{});
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("[softmax1] softmax_cross_entropy has a softmax of its own"));
  }
  Trainer(ended, mean_squared_error(), Adam{});  // which has none
}

TEST(Settings, OfCheckpointsWithAdamAloneAreRead) {
  const RunSettings settings = settings_from_json_text(
      R"({"adam":{"beta1":0.8,"beta2":0.9,"epsilon":1e-7,"form":"pytorch","learning_rate":0.02},)"
      R"("kernels":"auto","loss":"softmax_cross_entropy","precision":"f32","seed":7})");
  const Adam expected{.learning_rate = 0.02,
                      .beta1 = 0.8,
                      .beta2 = 0.9,
                      .epsilon = 1e-7,
                      .form = AdamForm::pytorch};
  EXPECT_EQ(std::get<Adam>(settings.optimizer), expected);
  EXPECT_EQ(settings.schedule, Schedule());
}

TEST(Settings, OfEveryOptimizerComeBackAsTheyWere) {
  for (const Optimizer& optimizer :
       {Optimizer(Adam{.l2 = 0.1, .clip_norm = 2}), Optimizer(AdamW{.weight_decay = 0.3}),
        Optimizer(Sgd{.momentum = 0.9, .nesterov = true}),
        Optimizer(Rmsprop{.decay = 0.8, .decays = {.gamma = true}}),
        Optimizer(Adagrad{.epsilon = 1e-6, .l2 = 0.2}),
        Optimizer(Muon{
            .momentum = 0.9, .nesterov = false, .weight_decay = 0.2, .other_factor = 0.004})}) {
    RunSettings settings;
    settings.optimizer = optimizer;
    settings.loss = Loss::mean_squared_error;
    settings.schedule = Schedule::step(50, 0.5).warm_up(10, 0);
    const RunSettings back = settings_from_json_text(to_json_text(settings));
    EXPECT_EQ(back.optimizer, optimizer);
    EXPECT_EQ(back.loss, settings.loss);
    EXPECT_EQ(back.schedule, settings.schedule);
  }
}

TEST(Settings, ThatMakeNoSenseAreDataErrors) {
  for (const char* text : {"", "{}", R"({"seed":1})", R"({"optimizer":{"name":"magic"}})",
                           R"({"seed":1,"precision":"f32","kernels":"auto","loss":"none"})"})
    EXPECT_THROW(settings_from_json_text(text), DataError) << text;
}

}  // namespace
}  // namespace evenkeel
