// SPDX-License-Identifier: Apache-2.0
// Training with ghost batch norm, batch renormalisation and weighted samples.
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/model/layers.h"
#include "evenkeel/train/predictor.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

struct Setting {
  const char* name;
  BatchKind batch = WholeBatch{};
  bool weighted = false;
};

BatchNormOptions with(const BatchKind& batch) {
  BatchNormOptions options;
  options.batch = batch;
  return options;
}

// Both an image's and a dense layer's batch norm.
Model model_of(const Setting& setting) {
  Scope s("variants", image(28, 28, 1).scale(1 / 255.0));
  const auto norm = [&](Value x) {
    const Layer layer = layers::batch_norm(with(setting.batch));
    return setting.weighted ? layer(s, x, s.sample_weights()) : layer(s, x);
  };
  Value x = layers::avg_pool2d(2)(s, s.images());
  x = norm(layers::conv2d(6, 3, {.stride = 2, .bias = false})(s, x));
  x = layers::flatten()(s, layers::relu()(s, x));
  return s.build(layers::dense(10)(s, norm(x)));
}

Dataset data_of(const Setting& setting, std::size_t count = 320) {
  Dataset data = small_data(count);
  if (!setting.weighted) return data;
  std::vector<float> weights(count);
  for (std::size_t i = 0; i < count; ++i) weights[i] = static_cast<float>(i % 4) / 2;
  return data.with_sample_weights(weights);
}

Trainer trainer_of(const Setting& setting,
                   const TrainerOptions& options = {.seed = 1, .threads = 2}) {
  return Trainer(model_of(setting), softmax_cross_entropy(), Adam{.learning_rate = 1e-2}, options);
}

using VariantState = std::map<std::string, Tensor>;
VariantState variant_state(const Trainer& trainer) {
  VariantState state;
  for (const std::string& name : trainer.state_names()) state[name] = trainer.state(name);
  return state;
}

class EveryVariant : public testing::TestWithParam<Setting> {};

TEST_P(EveryVariant, LowersTheLossAndLearns) {
  Trainer run = trainer_of(GetParam());
  std::vector<double> losses;
  const Callback watch{
      .on_batch = [&](Trainer&, const BatchEvent& event) { losses.push_back(event.loss); }};
  run.fit(data_of(GetParam()), {.epochs = 4, .batch_size = 32, .callbacks = {watch}});
  ASSERT_EQ(losses.size(), 40U);
  EXPECT_LT(losses[39], 0.3 * losses[0]);
  EXPECT_GT(run.evaluate(small_data(128, 2)).accuracy, 0.8);
}

TEST_P(EveryVariant, GivesTheSameBytesAtAnyNumberOfThreads) {
  const auto train = [&](int threads) {
    Trainer run = trainer_of(GetParam(), {.seed = 1, .threads = threads, .kernels = "native"});
    run.fit(data_of(GetParam(), 96), {.epochs = 1, .batch_size = 32});
    return variant_state(run);
  };
  const VariantState one = train(1);
  for (const int threads : {2, 4, 7}) EXPECT_EQ(train(threads), one) << threads << " threads";
}

TEST_P(EveryVariant, GoesOnFromACheckpointAsIfNothingHadBeen) {
  const Dataset data = data_of(GetParam());
  Trainer whole = trainer_of(GetParam());
  whole.fit(data, {.epochs = 2, .batch_size = 32});
  Trainer first = trainer_of(GetParam());
  first.fit(data, {.epochs = 1, .batch_size = 32});
  const TemporaryFolder folder;
  first.save(folder / "half");
  Trainer second = trainer_of(GetParam());
  second.restore(folder / "half");
  second.fit(data, {.epochs = 2, .batch_size = 32});
  EXPECT_EQ(variant_state(second), variant_state(whole));
  second.save(folder / "whole");
  const Dataset unseen = small_data(64, 2);
  const Predictor predictor = Predictor::load(folder / "whole");
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < unseen.size(); ++i)
    right += predictor.classify(unseen.image(i)) == unseen.labels()[static_cast<std::size_t>(i)];
  EXPECT_EQ(right, whole.evaluate(unseen).correct);
}

const Setting kSettings[] = {
    {"ghost", Ghost{.size = 8}},
    {"ghost_mean_interleaved", Ghost{16, Grouping::interleaved, GhostStatistics::mean}},
    {"ghost_in_turn", Ghost{.size = 8, .statistics = GhostStatistics::in_turn}},
    {"renorm", Renorm{}},
    {"renorm_deviation", Renorm{.rmax = RenormLimit::linear(1, 3, 5, 20),
                                .dmax = RenormLimit::linear(0, 5, 5, 20),
                                .moves = RenormMoves::deviation,
                                .decay = Decay::keep(0.9)}},
    {"weighted", WholeBatch{}, true}};
INSTANTIATE_TEST_SUITE_P(All, EveryVariant, testing::ValuesIn(kSettings),
                         [](const auto& info) { return std::string(info.param.name); });

// The states that both have, after ten steps in f64.
VariantState trained(const Setting& setting, const Dataset& data, std::int64_t batch = 32) {
  Trainer run = trainer_of(setting, {.seed = 1, .threads = 2, .precision = Precision::f64});
  run.fit(data, {.epochs = 1, .batch_size = batch});
  return variant_state(run);
}

void expect_close(const VariantState& actual, const VariantState& expected, double tolerance) {
  for (const auto& [name, tensor] : expected) {
    if (tensor.dtype != DType::f64) continue;
    const auto values = tensor.values<double>();
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_NEAR(actual.at(name).values<double>()[i], values[i],
                  tolerance * std::max(1.0, std::abs(values[i])))
          << name;
  }
}

TEST(GhostBatchNorm, OfOneGroupIsPlainBatchNorm) {
  const VariantState plain = trained({"plain"}, small_data());
  for (const Grouping grouping : {Grouping::consecutive, Grouping::interleaved})
    for (const GhostStatistics statistics :
         {GhostStatistics::merged, GhostStatistics::mean, GhostStatistics::in_turn})
      expect_close(trained({"ghost", Ghost{32, grouping, statistics}}, small_data()), plain, 1e-9);
}

TEST(Renorm, WithoutRoomToCorrectIsPlainBatchNorm) {
  const VariantState plain = trained({"plain"}, small_data());
  expect_close(trained({"renorm", Renorm{.rmax = 1, .dmax = 0}}, small_data()), plain, 1e-9);
}

TEST(WeightedBatchNorm, ByOnesIsPlainBatchNorm) {
  const Setting weighted = {"weighted", WholeBatch{}, true};
  const Dataset data = small_data().with_sample_weights(std::vector<float>(320, 1));
  const VariantState plain = trained({"plain"}, small_data());
  expect_close(trained(weighted, data), plain, 1e-9);
  const Dataset doubled = small_data().with_sample_weights(std::vector<float>(320, 2));
  expect_close(trained(weighted, doubled), plain, 1e-9);
}

// What the statistics are of; the loss still sees all.
TEST(WeightedBatchNorm, ByZeroLeavesASampleOutOfTheStatistics) {
  const auto moving = [](std::size_t kept, bool weighted) {
    // The same images; those behind `kept` weigh nothing, or are not there.
    const std::size_t count = weighted ? 32 : kept;
    Dataset data = small_data(32).subset(0, static_cast<std::int64_t>(count));
    Setting setting = {"plain"};
    if (weighted) {
      std::vector<float> weights(32, 0);
      std::fill_n(weights.begin(), kept, 1.0F);
      data = data.with_sample_weights(weights);
      setting = {"weighted", WholeBatch{}, true};
    }
    VariantState state = trained(setting, data, static_cast<std::int64_t>(count));
    return VariantState{{"bn1/moving_mean", state.at("bn1/moving_mean")},
                        {"bn1/moving_variance", state.at("bn1/moving_variance")}};
  };
  expect_close(moving(20, true), moving(20, false), 1e-12);
}

TEST(WeightedBatchNorm, WantsADataSetWithWeights) {
  const Setting weighted = {"weighted", WholeBatch{}, true};
  EXPECT_EQ(message_of([&] { trainer_of(weighted).fit(small_data(), {.batch_size = 32}); }),
            "[variants] reads the samples' weights and expected a data set with them, 'small' has "
            "none; give it some by with_sample_weights");
  EXPECT_EQ(message_of([&] { trainer_of({"plain"}).fit(data_of(weighted), {.batch_size = 32}); }),
            "[variants] expected a data set without sample weights, 'small' has some, which no "
            "layer reads; give a batch norm scope.sample_weights()");
}

TEST(WeightedBatchNorm, OfABatchThatWeighsNothingIsAnErrorThatWritesNothing) {
  std::vector<float> weights(320, 0);
  weights[0] = 1;
  const Dataset data = small_data().with_sample_weights(weights);
  Trainer run = trainer_of({"weighted", WholeBatch{}, true});
  const VariantState before = variant_state(run);
  VariantState last = before;
  std::int64_t steps = 0;
  const Callback watch{.on_batch = [&](Trainer& trainer, const BatchEvent& event) {
    last = variant_state(trainer);
    steps = event.step;
  }};
  try {
    run.fit(data, {.epochs = 2, .batch_size = 32, .callbacks = {watch}});
    ADD_FAILURE() << "expected an error";
  } catch (const DataError& error) {
    EXPECT_EQ(std::string(error.what())
                  .rfind("[small] expected at least 2 sample weight(s) above 0 "
                         "in each batch, the 32 images of this one have ",
                         0),
              0U)
        << error.what();
  }
  EXPECT_LT(steps, 2);
  EXPECT_EQ(variant_state(run), last);
  EXPECT_EQ(run.completed_steps(), steps);
}

// One image has a variance over its pixels, and none of one value.
TEST(WeightedBatchNorm, OfOneImageThatWeighsIsRefusedWhereItHasOneValue) {
  const auto message = [](bool flattened) {
    Scope s("one", image(28, 28, 1).scale(1 / 255.0));
    Value x = layers::avg_pool2d(4)(s, s.images());
    if (flattened) x = layers::flatten()(s, x);
    x = layers::batch_norm()(s, x, s.sample_weights());
    if (!flattened) x = layers::flatten()(s, x);
    Trainer run(s.build(layers::dense(10)(s, x)), softmax_cross_entropy(), Adam{}, {.seed = 1});
    std::vector<float> weights(32, 0);
    weights[5] = 3;
    const VariantState before = variant_state(run);
    std::string text = message_of([&] {
      run.fit(small_data(32).with_sample_weights(weights), {.epochs = 1, .batch_size = 32});
    });
    EXPECT_EQ(variant_state(run) == before, flattened);
    return text;
  };
  EXPECT_EQ(message(true),
            "[small] expected at least 2 sample weight(s) above 0 in each batch, the 32 images of "
            "this one have 1; use larger batches, or leave images of weight 0 out");
  EXPECT_EQ(message(false), "");
}

TEST(GhostBatchNorm, OfABatchThatGroupsDoNotDivideNamesTheLayer) {
  Trainer run = trainer_of({"ghost", Ghost{.size = 24}});
  const VariantState before = variant_state(run);
  EXPECT_EQ(message_of([&] { run.fit(small_data(), {.batch_size = 32}); }),
            "[bn1] ghost batch norm expected a batch of whole groups of 24 samples, got 32; use a "
            "batch of 24 or 48, or groups of a size that divides 32");
  EXPECT_EQ(variant_state(run), before);
}

TEST(BatchNormVariants, RefuseWhatMakesNoSenseWhereTheyAreBuilt) {
  const auto message = [](const BatchNormOptions& options, bool weighted) {
    return message_of([&] {
      Scope s("g", image(2, 2, 1));
      const Layer layer = layers::batch_norm(options);
      weighted ? layer(s, s.images(), s.sample_weights()) : layer(s, s.images());
    });
  };
  EXPECT_EQ(message(with(Ghost{}), true),
            "[bn1] expected weights of samples with a whole batch, got them with ghost or renorm, "
            "which have no weighted form; drop one of the two");
  EXPECT_NE(message(with(Renorm{}), true).find("no weighted form"), std::string::npos);
  BatchNormOptions sample;
  sample.variance = MovingVariance::sample;
  EXPECT_EQ(message(sample, true),
            "[bn1] expected the population's moving variance with weights, got the sample's, which "
            "weights do not have; use MovingVariance::population");
  EXPECT_NE(message(with(Ghost{.size = 0}), false)
                .find("[bn1] batch_norm: expected groups of at "
                      "least 1 sample, not 0"),
            std::string::npos);
  EXPECT_NE(message(with(Renorm{.rmax = 0.5}), false).find("expected rmax of at least 1"),
            std::string::npos);
  EXPECT_NE(message(with(Renorm{.decay = Decay::keep(0.9)}), false)
                .find("expected a decay of its own for renorm that moves deviation alone"),
            std::string::npos);
  EXPECT_EQ(message_of([] {
              Scope s("g", image(2, 2, 1));
              layers::batch_norm()(s, s.images(), s.images());
            }),
            "[bn1] expected a weight for each sample, f32[N], got f32[N,2,2,1]");
  EXPECT_EQ(message_of([] {
              Scope s("g", image(2, 2, 1));
              layers::batch_norm()(s, s.images(), s.images(), s.images());
            }),
            "[bn1] expected x, or x and a weight for each sample, got 3 values");
}

TEST(BatchNormVariants, AreRestoredByTheirOwnKindAlone) {
  const TemporaryFolder folder;
  Trainer run = trainer_of({"ghost", Ghost{.size = 8}});
  run.fit(small_data(), {.epochs = 1, .batch_size = 32});
  run.save(folder / "ghost");
  Trainer plain = trainer_of({"plain"});
  EXPECT_THROW(plain.restore(folder / "ghost"), DataError);
}

TEST(BatchNormVariants, TakeNoStatisticThatCannotBe) {
  Trainer run = trainer_of({"renorm", Renorm{.moves = RenormMoves::deviation}});
  const auto six = [](float value) { return Tensor::of<float>({6}, std::vector<float>(6, value)); };
  EXPECT_THROW(run.set_state("bn1/moving_deviation", six(-1)), InvalidArgument);
  EXPECT_THROW(run.set_state("bn1/renorm_deviation", six(NAN)), InvalidArgument);
  run.set_state("bn1/renorm_mean", six(-1));
}

}  // namespace
}  // namespace evenkeel::test
