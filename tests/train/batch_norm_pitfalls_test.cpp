// SPDX-License-Identifier: Apache-2.0
// What goes wrong with batch norm elsewhere, one test each, under the name that docs/batch-norm.md
// gives it: here it cannot be written, is an error, or comes out right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

#include "evenkeel/compile/fold_batch_norm.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/verify.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/train/predictor.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::size_t count_of(const Graph& graph) {
  return static_cast<std::size_t>(
      std::count_if(graph.nodes().begin(), graph.nodes().end(),
                    [](const Node& node) { return std::holds_alternative<T>(node.op); }));
}

std::vector<float> floats(const Trainer& trainer, const std::string& name) {
  const Tensor tensor = trainer.state(name);
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

template <typename ErrorType, typename F>
std::string text_of(const F& function) {
  try {
    function();
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "no such error";
}

// The pooled pixels of the first batch norm of small_model(), each of 49 channels over the images.
std::vector<double> channel_means(const Dataset& data, const std::vector<std::int64_t>& images) {
  std::vector<double> means(49, 0);
  for (const std::int64_t n : images)
    for (int c = 0; c < 49; ++c) {
      int largest = 0;
      for (int i = 0; i < 16; ++i) {
        const int pixel = (c / 7 * 4 + i / 4) * 28 + c % 7 * 4 + i % 4;
        largest = std::max<int>(largest, data.image(n)[static_cast<std::size_t>(pixel)]);
      }
      means[static_cast<std::size_t>(c)] += largest / 255.0 / static_cast<double>(images.size());
    }
  return means;
}

TEST(BatchNormPitfall, UpdatesThatNobodyRuns) {
  Trainer trainer = small_trainer();
  trainer.fit(small_data(32), {.epochs = 1, .batch_size = 32});
  EXPECT_NE(floats(trainer, "bn1/moving_mean"), std::vector<float>(49, 0));
  EXPECT_NE(floats(trainer, "bn1/moving_variance"), std::vector<float>(49, 1));
  EXPECT_EQ(trainer.state("state/bn1/updates_seen").values<std::int64_t>()[0], 1);
  // Whoever builds a training graph that updates nothing hears it.
  const Graph training = to_training(small_model().graph());
  EXPECT_NO_THROW(verify(training, Level::training));
  Graph forgetful("forgetful");
  for (const Node& node : training.nodes()) forgetful.add(node.op, node.inputs, node.name);
  EXPECT_THAT(text_of<Error>([&] { verify(forgetful, Level::training); }), HasSubstr("bn1"));
}

TEST(BatchNormPitfall, ATrainingFlagThatIsLeftOut) {
  const Graph network = small_model().graph();
  EXPECT_EQ(count_of<ChannelMoments>(to_training(network)), 1U);
  EXPECT_EQ(count_of<ChannelAffine>(to_training(network)), 0U);
  EXPECT_EQ(count_of<ChannelMoments>(to_inference(network)), 0U);
  EXPECT_THROW(verify(network, Level::training), Error);
  EXPECT_THROW(verify(network, Level::inference), Error);
}

TEST(BatchNormPitfall, PredictingWithStatisticsThatWereNeverUpdated) {
  Trainer trainer = small_trainer();
  EXPECT_THAT(text_of<UntrainedStatistics>([&] { trainer.evaluate(small_data()); }),
              HasSubstr("bn1"));
}

TEST(BatchNormPitfall, AverageTooSlowForAShortRun) {
  const Dataset data = small_data(32);
  Trainer trainer = small_trainer();
  trainer.fit(data, {.epochs = 1, .batch_size = 32});
  std::vector<std::int64_t> all(32);
  std::iota(all.begin(), all.end(), 0);
  const auto expected = channel_means(data, all);
  const auto moving = floats(trainer, "bn1/moving_mean");
  for (std::size_t c = 0; c < moving.size(); ++c) EXPECT_NEAR(moving[c], expected[c], 1e-6);
}

TEST(BatchNormPitfall, MomentumTheOtherWayRound) {
  EXPECT_EQ(Decay::keep(0.75).kept(), Decay::take(0.25).kept());
  static_assert(!std::is_convertible_v<double, Decay>);
  static_assert(!std::is_constructible_v<Decay, double>);
}

TEST(BatchNormPitfall, WhichVarianceIsStored) {
  const auto variance_after_a_step = [](MovingVariance which) {
    const Model model = Sequential("small", image(28, 28, 1).scale(1 / 255.0))
                            .max_pool2d(4)
                            .flatten()
                            .batch_norm({.variance = which})
                            .dense(10)
                            .build();
    Trainer trainer(model, softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 1});
    trainer.fit(small_data(32), {.epochs = 1, .batch_size = 32});
    return floats(trainer, "bn1/moving_variance");
  };
  const auto population = variance_after_a_step(MovingVariance::population);
  const auto sample = variance_after_a_step(MovingVariance::sample);
  for (std::size_t c = 0; c < sample.size(); ++c)
    EXPECT_NEAR(sample[c], population[c] * 32 / 31, 1e-6F * sample[c]);
}

TEST(BatchNormPitfall, ABatchOfOne) {
  Trainer trainer = small_trainer();
  EXPECT_THAT(
      text_of<InvalidArgument>([&] { trainer.fit(small_data(8), {.epochs = 1, .batch_size = 1}); }),
      HasSubstr("bn1"));
  EXPECT_EQ(trainer.completed_steps(), 0);
}

TEST(BatchNormPitfall, VarianceBelowZeroOrNotFinite) {
  Trainer trainer = small_trainer();
  for (const float bad :
       {-1e-3F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> variance(49, 1);
    variance[7] = bad;
    EXPECT_THROW(trainer.set_state("bn1/moving_variance", Tensor::of<float>({49}, variance)),
                 InvalidArgument);
  }
  EXPECT_EQ(floats(trainer, "bn1/moving_variance"), std::vector<float>(49, 1));
}

TEST(BatchNormPitfall, AccuracyThatDependsOnTheTestBatch) {
  Trainer trainer = small_trainer();
  const Dataset data = small_data();
  trainer.fit(data, {.epochs = 2, .batch_size = 32});
  const Evaluation all = trainer.evaluate(data);
  std::int64_t correct = 0;
  for (std::int64_t n = 0; n < data.size(); ++n)
    correct += trainer.evaluate(data.subset(n, n + 1)).correct;
  EXPECT_EQ(correct, all.correct);
}

TEST(BatchNormPitfall, AVarianceThatStandsStillAfterARewrite) {
  const std::vector<std::vector<std::string>> kinds = {
      {}, {"split_statistics"}, {"share_common_subexpressions", "remove_dead_code"}};
  for (const auto& disabled : kinds) {
    Trainer trainer(small_model(), softmax_cross_entropy(), Adam{},
                    {.seed = 1, .threads = 1, .disabled_passes = disabled});
    trainer.fit(small_data(64), {.epochs = 1, .batch_size = 32});
    const auto variance = floats(trainer, "bn1/moving_variance");
    EXPECT_TRUE(std::none_of(variance.begin(), variance.end(), [](float v) { return v == 1; }));
  }
}

TEST(BatchNormPitfall, OneLayerForTwoPopulations) {
  Scope scope("siamese", image(4, 4, 1).scale(1 / 255.0));
  const Value x = layers::flatten()(scope, scope.images());
  const Layer norm = layers::batch_norm();
  norm(scope, x);
  EXPECT_THAT(text_of<InvalidArgument>([&] { norm(scope, x); }), HasSubstr("cannot be shared"));
}

// With the default rule, what moving statistics give is what batch statistics gave in training.
TEST(BatchNormPitfall, ADefaultThatIsAPlaceholder) {
  Trainer trainer = small_trainer();
  const Dataset data = small_data();
  std::int64_t correct = 0;
  Callback last_epoch;
  last_epoch.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.epoch == 20) correct += event.correct;
  };
  trainer.fit(data, {.epochs = 20, .batch_size = 32, .callbacks = {last_epoch}});
  EXPECT_NEAR(trainer.evaluate(data).accuracy, static_cast<double>(correct) / 320, 0.05);
}

TEST(BatchNormPitfall, ABiasThatTheLayerTakesOut) {
  const Graph network = mlp({.widths = {8, 8}}).graph();
  EXPECT_FALSE(network.contains("dense1/bias"));
  EXPECT_FALSE(network.contains("dense2/bias"));
  EXPECT_TRUE(network.contains("dense3/bias"));  // nothing normalises behind the last
}

TEST(BatchNormPitfall, WeightDecayOfGammaAndBeta) {
  // Of two steps that differ in the decay alone, gamma and beta are the same to the byte unless
  // they are asked for; the kernel is not.
  const auto after_a_step = [](double decay, const DecayRoles& roles) {
    Trainer trainer(small_model(), softmax_cross_entropy(),
                    AdamW{.learning_rate = 0.1, .weight_decay = decay, .decays = roles},
                    {.seed = 1, .threads = 1});
    Tensor beta = trainer.state("bn1/beta");
    for (float& value : beta.values<float>()) value = 3;
    trainer.set_state("bn1/beta", beta);
    trainer.fit(small_data(32), {.epochs = 1, .batch_size = 32});
    return std::array{floats(trainer, "bn1/gamma"), floats(trainer, "bn1/beta"),
                      floats(trainer, "dense1/kernel")};
  };
  const auto none = after_a_step(0, {});
  const auto by_default = after_a_step(0.5, {});
  EXPECT_EQ(by_default[0], none[0]);
  EXPECT_EQ(by_default[1], none[1]);
  EXPECT_NE(by_default[2], none[2]);
  const auto asked = after_a_step(0.5, {.gamma = true, .beta = true});
  EXPECT_NE(asked[0], none[0]);
  EXPECT_NE(asked[1], none[1]);
}

TEST(BatchNormPitfall, ResumingThatIsNotExact) {
  const TemporaryFolder folder;
  const Dataset data = small_data();
  Trainer whole = small_trainer();
  whole.fit(data, {.epochs = 2, .batch_size = 32});
  Trainer first = small_trainer();
  first.fit(data, {.epochs = 1, .batch_size = 32});
  first.save(folder / "half.safetensors");
  Trainer second = small_trainer();
  second.restore(folder / "half.safetensors");
  second.fit(data, {.epochs = 2, .batch_size = 32});
  for (const std::string& name : whole.state_names())
    EXPECT_EQ(whole.state(name).bytes, second.state(name).bytes) << name;
}

TEST(BatchNormPitfall, SavedInTrainingMode) {
  const TemporaryFolder folder;
  const Dataset data = small_data();
  Trainer trainer = small_trainer();
  trainer.fit(data, {.epochs = 1, .batch_size = 32});
  trainer.save(folder / "small.safetensors");
  const Predictor predictor = Predictor::load(folder / "small.safetensors", {.threads = 1});
  std::vector<float> alone(10);
  std::vector<float> together(static_cast<std::size_t>(data.size()) * 10);
  predictor.probabilities(data.image(3), alone);
  predictor.probabilities(data.images(), together);
  for (std::size_t k = 0; k < 10; ++k) EXPECT_NEAR(alone[k], together[30 + k], 1e-6);
}

// conv -> ReLU -> batch norm cannot be folded into the convolution, and is not.
TEST(BatchNormPitfall, FoldedInTheWrongOrder) {
  const Dataset data = small_data();
  for (const bool before : {true, false}) {
    Sequential model("order", image(28, 28, 1).scale(1 / 255.0));
    model.conv2d(4, 5, {.stride = 4, .bias = false});
    if (before) model.batch_norm();
    model.relu();
    if (!before) model.batch_norm();
    const Model built = model.flatten().dense(10).build();
    // A kernel is left to scale, or the layer.
    const Graph folded = fold_batch_norm(to_inference(built.graph()));
    EXPECT_EQ(count_of<ScaleAxis>(folded), before ? 1U : 0U);
    EXPECT_EQ(folded.node(folded.find("bn1")).outputs[0].shape.rank(), 4U);
    EXPECT_EQ(std::holds_alternative<ChannelAffine>(folded.node(folded.find("bn1")).op), !before);
    const auto losses = [&](std::vector<std::string> disabled) {
      Trainer trainer(built, softmax_cross_entropy(), Adam{},
                      {.seed = 1, .threads = 1, .disabled_passes = std::move(disabled)});
      trainer.fit(data, {.epochs = 1, .batch_size = 32});
      return trainer.evaluate(data).loss;
    };
    EXPECT_NEAR(losses({}), losses({"fold_batch_norm"}), 1e-5) << "before ReLU: " << before;
  }
}

}  // namespace
}  // namespace evenkeel::test
