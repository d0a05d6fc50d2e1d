// SPDX-License-Identifier: Apache-2.0
// Recalibrating batch norms that do not take a plain mean over a plain batch.
#include <gmock/gmock.h>

#include <cmath>

#include "evenkeel/model/layers.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/compare.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A batch norm of 7 x 7 places as its first layer, and one behind it.
Model model_of(const BatchNormOptions& options, bool weighted = false) {
  Scope s("variant", image(28, 28, 1).scale(1 / 255.0));
  const Value x = layers::flatten()(s, layers::avg_pool2d(4)(s, s.images()));
  const Layer norm = layers::batch_norm(options);
  const Value y = weighted ? norm(s, x, s.sample_weights()) : norm(s, x);
  const Value z = layers::batch_norm()(s, layers::dense(8)(s, y));
  return s.build(layers::dense(10)(s, z));
}

Trainer variant_trainer(const Model& model) {
  return Trainer(model, softmax_cross_entropy(), Adam{},
                 {.seed = 1, .threads = 2, .precision = Precision::f64});
}

BatchNormOptions recalibrated_with(const BatchKind& batch) {
  BatchNormOptions options;
  options.batch = batch;
  return options;
}

TEST(RecalibrateVariants, GhostStatisticsAreOfAllImagesInWholeGroups) {
  Trainer plain = variant_trainer(model_of({}));
  Trainer ghost = variant_trainer(model_of(recalibrated_with(Ghost{.size = 8})));
  const RecalibrateOptions options{.batch_size = 32};
  EXPECT_EQ(plain.recalibrate(small_data(320), options).images, 320);
  EXPECT_EQ(ghost.recalibrate(small_data(320), options).images, 320);
  EXPECT_TRUE(close(ghost.state("bn1/moving_mean"), plain.state("bn1/moving_mean"), 1e-12, 1e-3));
  EXPECT_TRUE(close(ghost.state("bn1/moving_variance"), plain.state("bn1/moving_variance"), 1e-12));
  // What is behind it sees what groups of 8 make of it.
  EXPECT_NE(ghost.state("bn2/moving_variance"), plain.state("bn2/moving_variance"));
  EXPECT_EQ(ghost.recalibrate(small_data(101), options).images, 96);
  const auto text = message_of([&] { ghost.recalibrate(small_data(), {.batch_size = 20}); });
  EXPECT_THAT(text, AllOf(HasSubstr("a multiple of 8"), HasSubstr("got 20")));
  EXPECT_THROW(ghost.recalibrate(small_data(7), options), InvalidArgument);
}

TEST(RecalibrateVariants, WeightsAreThoseOfTheImages) {
  std::vector<float> weights;
  weights.reserve(101);
  for (int i = 0; i < 101; ++i) weights.push_back(static_cast<float>(i % 4) / 2);
  const Dataset bare = small_data(101);
  const Dataset data = bare.with_sample_weights(weights);
  Trainer run = variant_trainer(model_of({}, true));
  const Recalibration result = run.recalibrate(data, {.batch_size = 32});
  // A pixel of the pooled image, over all images, by the written-out formula.
  const auto pooled = [&](std::int64_t n, std::size_t place) {
    double sum = 0;
    for (std::size_t i = 0; i < 16; ++i)
      sum += bare.image(n)[(place / 7 * 4 + i / 4) * 28 + place % 7 * 4 + i % 4];
    return sum / 16 / 255;
  };
  double total = 0;
  for (const float weight : weights) total += weight;
  EXPECT_NEAR(result.layers.at(0).count, total, 1e-12 * total);
  for (std::size_t place = 0; place < 49; ++place) {
    double mean = 0;
    double variance = 0;
    for (std::int64_t n = 0; n < 101; ++n)
      mean += weights[static_cast<std::size_t>(n)] * pooled(n, place) / total;
    for (std::int64_t n = 0; n < 101; ++n)
      variance +=
          weights[static_cast<std::size_t>(n)] * std::pow(pooled(n, place) - mean, 2) / total;
    EXPECT_NEAR(run.state("bn1/moving_mean").values<double>()[place], mean, 1e-12 * mean);
    EXPECT_NEAR(run.state("bn1/moving_variance").values<double>()[place], variance,
                1e-10 * variance);
  }
  EXPECT_THROW(run.recalibrate(bare), InvalidArgument);
}

TEST(RecalibrateVariants, ACumulativeMeanGoesOnFromAsManyBatches) {
  BatchNormOptions options;
  options.decay = Cumulative{};
  Trainer run = variant_trainer(model_of(options));
  run.recalibrate(small_data(), {.batch_size = 32});
  EXPECT_EQ(run.state("state/bn1/updates_seen").values<std::int64_t>()[0], 10);
  EXPECT_EQ(run.state("state/bn2/updates_seen").values<std::int64_t>()[0], 9);
  EXPECT_TRUE(run.fit(small_data(), {.epochs = 1, .batch_size = 32}));
  EXPECT_EQ(run.state("state/bn1/updates_seen").values<std::int64_t>()[0], 20);
}

TEST(RecalibrateVariants, RenormThatMovesDeviationsGoesOnFromTheNewOnes) {
  BatchNormOptions options = recalibrated_with(Renorm{.moves = RenormMoves::deviation});
  options.decay = Decay::keep(0.99);
  Trainer run = variant_trainer(model_of(options));
  const RecalibratedLayer layer = run.recalibrate(small_data(), {.batch_size = 32}).layers.at(0);
  EXPECT_EQ(run.state("bn1/renorm_mean"), run.state("bn1/moving_mean"));
  for (const char* name : {"bn1/moving_deviation", "bn1/renorm_deviation"}) {
    std::vector<double> deviations;
    for (const double variance : layer.variance)
      deviations.push_back(std::sqrt(variance + layer.epsilon));
    EXPECT_TRUE(close(run.state(name), deviations, 1e-15)) << name;
  }
  run.fit(small_data(), {.epochs = 1, .batch_size = 32});
  // Ten updates that keep 0.99 of them.
  for (std::size_t c = 0; c < layer.variance.size(); ++c)
    EXPECT_NEAR(run.state("bn1/moving_variance").values<double>()[c], layer.variance[c],
                0.2 * (layer.variance[c] + layer.epsilon));
}

TEST(RecalibrateVariants, FrozenOnesKeepWhatTheyHave) {
  BatchNormOptions options;
  options.frozen = true;
  Trainer run = variant_trainer(model_of(options));
  Trainer trained = variant_trainer(model_of({}));
  trained.recalibrate(small_data());
  for (const char* name : {"bn1/moving_mean", "bn1/moving_variance", "state/bn1/updates_seen"})
    run.set_state(name, trained.state(name));
  const Recalibration result = run.recalibrate(small_data(64));
  ASSERT_EQ(result.layers.size(), 1U);
  EXPECT_EQ(result.layers[0].layer, "bn2");
  for (const char* name : {"bn1/moving_mean", "bn1/moving_variance", "state/bn1/updates_seen"})
    EXPECT_EQ(run.state(name), trained.state(name)) << name;
}

}  // namespace
}  // namespace evenkeel::test
