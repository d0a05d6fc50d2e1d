// SPDX-License-Identifier: Apache-2.0
// Statistics computed anew: what they are, that every image counts once, and what is refused.
#include "evenkeel/train/recalibrate.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "evenkeel/train/predictor.h"
#include "tests/support/compare.h"
#include "tests/support/graph_checks.h"
#include "tests/train/property_network.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::map<std::string, Tensor> recalibrated_state(const Trainer& trainer) {
  std::map<std::string, Tensor> state;
  for (const std::string& name : trainer.state_names()) state[name] = trainer.state(name);
  return state;
}

Trainer recalibrate_trainer(const Model& model,
                            const TrainerOptions& options = {.seed = 1, .threads = 2}) {
  return Trainer(model, softmax_cross_entropy(), Adam{.learning_rate = 1e-3}, options);
}

Dataset noise(std::int64_t count, const Shape& image, std::uint64_t seed = 1) {
  Draw draw(seed);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * image.elements()));
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(draw.integer(0, 255));
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
  for (std::int32_t& label : labels) label = static_cast<std::int32_t>(draw.integer(0, 9));
  return Dataset("noise", Tensor::of<std::uint8_t>({count, image[0], image[1], image[2]}, pixels),
                 labels, 10);
}

// Mean and population variance of each channel of pixel / 255, over all images at once.
struct Exact {
  std::vector<double> mean;
  std::vector<double> variance;
};
Exact exact_statistics(const Dataset& data, std::size_t C, bool sample) {
  const auto pixels = data.images();
  const double n = static_cast<double>(pixels.size() / C);
  Exact result{std::vector<double>(C), std::vector<double>(C)};
  for (std::size_t i = 0; i < pixels.size(); ++i) result.mean[i % C] += pixels[i] / 255.0 / n;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double d = pixels[i] / 255.0 - result.mean[i % C];
    result.variance[i % C] += d * d / (sample ? n - 1 : n);
  }
  return result;
}

Model first_layer(bool by_place, const BatchNormOptions& options) {
  Sequential model("first", image(3, 2, 2).scale(1 / 255.0));
  if (by_place) model.flatten();
  model.batch_norm(options);
  if (!by_place) model.flatten();
  return model.dense(10).build();
}

TEST(Recalibrate, InBatchesIsOnePassOverEverythingInAnyOrder) {
  check_property(30, [] {
    const bool by_place = *rc::gen::arbitrary<bool>().as("channel for each place");
    BatchNormOptions options = drawn_batch_norm();
    const auto count = *rc::gen::inRange<std::int64_t>(2, 150).as("images");
    const auto batch = *rc::gen::inRange<std::int64_t>(2, 60).as("batch");
    const auto seed = *rc::gen::inRange<std::uint64_t>(0, 100).as("order");
    const Dataset data = noise(count, {3, 2, 2}, seed);
    Trainer run = recalibrate_trainer(first_layer(by_place, options),
                                      {.seed = 1, .threads = 1, .precision = Precision::f64});
    const Recalibration result =
        run.recalibrate(data, {.images = 1000, .batch_size = batch, .seed = seed});
    const std::size_t C = by_place ? 12 : 2;
    const Exact exact = exact_statistics(data, C, options.variance == MovingVariance::sample);
    RC_ASSERT(result.images == count);
    RC_ASSERT(result.layers.at(0).count ==
              static_cast<double>(count * 12) / static_cast<double>(C));
    require(close(run.state("bn1/moving_mean"), exact.mean, 1e-13), "mean");
    require(close(run.state("bn1/moving_variance"), exact.variance, 1e-12), "variance");
  });
}

TEST(Recalibrate, GivesTheSameBytesAtAnyNumberOfThreads) {
  check_property(10, [] {
    const Model model = drawn_network();
    const auto batch = *rc::gen::inRange<std::int64_t>(2, 70).as("batch");
    std::map<std::string, Tensor> first;
    for (const int threads : {1, 2, 4, 7}) {
      Trainer run =
          recalibrate_trainer(model, {.seed = 1, .threads = threads, .kernels = "native"});
      run.recalibrate(small_data(101), {.batch_size = batch});
      if (threads == 1) first = recalibrated_state(run);
      RC_ASSERT(recalibrated_state(run) == first);
    }
  });
}

// The first update of an average that is weighed by counts is the batch's own statistics: here of
// all images, in batch norms behind others too.
TEST(Recalibrate, NormalisesBeforeEachLayerAsTrainingDoes) {
  check_property(10, [] {
    const Model model = drawn_network();
    const auto count = *rc::gen::inRange<std::int64_t>(20, 120).as("images");
    const Dataset data = small_data(static_cast<std::size_t>(count));
    Trainer stepped(model, softmax_cross_entropy(), Sgd{.learning_rate = 1e-30},
                    {.seed = 1, .threads = 2});
    stepped.fit(data, {.epochs = 1, .batch_size = count});
    Trainer run = recalibrate_trainer(model);
    run.recalibrate(data, {.batch_size = count});
    for (const std::string& name : run.state_names())
      if (name.find("/moving_") != std::string::npos && name.rfind("state/", 0) != 0)
        require(close(run.state(name), stepped.state(name), 1e-6, 1e-6), name);
  });
}

TEST(Recalibrate, RoundsUpToWholeBatchesAndTakesNoMoreThanThereAre) {
  Trainer run = recalibrate_trainer(small_model());
  const Dataset data = small_data(100);
  EXPECT_EQ(run.recalibrate(data, {.images = 33, .batch_size = 32}).images, 64);
  EXPECT_EQ(run.recalibrate(data, {.images = 64, .batch_size = 32}).images, 64);
  EXPECT_EQ(run.recalibrate(data, {.images = 97, .batch_size = 32}).images, 100);
  EXPECT_EQ(run.recalibrate(data, {.images = std::int64_t{1} << 62}).images, 100);
  // A rest of one image joins the last batch, since each channel has one value an image.
  const Recalibration odd = run.recalibrate(small_data(65), {.batch_size = 32});
  EXPECT_EQ(odd.images, 65);
  EXPECT_EQ(odd.layers.at(0).count, 65);
}

TEST(Recalibrate, OtherSeedsTakeOtherImages) {
  const Dataset data = small_data(320);
  const auto mean = [&](std::uint64_t seed) {
    Trainer run = recalibrate_trainer(small_model());
    run.recalibrate(data, {.images = 64, .batch_size = 32, .seed = seed});
    return run.state("bn1/moving_mean");
  };
  EXPECT_EQ(mean(1), mean(1));
  EXPECT_NE(mean(1), mean(2));
}

TEST(Recalibrate, LeavesDropoutOutAsPredictionDoes) {
  const auto statistics = [](double rate) {
    Sequential model("with dropout", image(28, 28, 1).scale(1 / 255.0));
    model.max_pool2d(4).flatten();
    if (rate > 0) model.dropout(rate);
    Trainer run = recalibrate_trainer(model.batch_norm().dense(10).build());
    run.recalibrate(small_data());
    return run.state("bn1/moving_variance");
  };
  EXPECT_EQ(statistics(0.5), statistics(0));
}

TEST(Recalibrate, ChangesTheStatisticsAloneAndTrainingGoesOn) {
  Trainer run = small_trainer();
  run.fit(small_data(), {.epochs = 2, .batch_size = 32});
  const auto before = recalibrated_state(run);
  const Recalibration result = run.recalibrate(small_data());
  EXPECT_EQ(result.batch_size, 32);
  for (const auto& [name, tensor] : recalibrated_state(run)) {
    const bool statistic = name == "bn1/moving_mean" || name == "bn1/moving_variance" ||
                           name == "state/bn1/updates_seen";
    EXPECT_EQ(tensor == before.at(name), !statistic) << name;
  }
  EXPECT_EQ(run.state("state/bn1/updates_seen").values<std::int64_t>()[0], 99);
  EXPECT_TRUE(close(before.at("bn1/moving_mean"), result.layers.at(0).mean_before));
  EXPECT_TRUE(close(run.state("bn1/moving_mean"), result.layers.at(0).mean, 0x1p-24));
  EXPECT_TRUE(run.fit(small_data(), {.epochs = 3, .batch_size = 32}));
  EXPECT_EQ(run.state("state/bn1/updates_seen").values<std::int64_t>()[0], 109);
}

TEST(Recalibrate, MakesANetworkOfNoStepPredict) {
  Trainer run = small_trainer();
  EXPECT_THROW(run.evaluate(small_data()), UntrainedStatistics);
  run.recalibrate(small_data());
  EXPECT_GT(run.evaluate(small_data()).loss, 0);
  EXPECT_NO_THROW(Predictor{run});
}

TEST(Recalibrate, SaysHowFarStatisticsHaveMoved) {
  RecalibratedLayer layer{"bn1", 10, {1, 2, 9}, {4, 1, 1}, {1, 2.5, 7}, {1, 1, 4}, 0};
  const StatisticsShift shift = shift_of(layer);
  EXPECT_EQ(shift.median_mean, 0.5);
  EXPECT_EQ(shift.largest_mean, 2);
  EXPECT_EQ(shift.median_deviation, 2);
  EXPECT_EQ(shift.largest_deviation, 2);
}

TEST(Recalibrate, RefusesWhatMakesNoSenseAndLeavesTheState) {
  Trainer run = small_trainer();
  run.fit(small_data(), {.epochs = 1, .batch_size = 32});
  const auto before = recalibrated_state(run);
  const auto refused = [&](const Dataset& data, const RecalibrateOptions& options) {
    try {
      run.recalibrate(data, options);
    } catch (const InvalidArgument& error) {
      return std::string(error.what());
    }
    return std::string("no InvalidArgument");
  };
  EXPECT_THAT(refused(small_data(), {.images = 0}), HasSubstr("images of at least 1, got 0"));
  EXPECT_THAT(refused(small_data(), {.batch_size = -1}), HasSubstr("at least 1, got -1"));
  EXPECT_THAT(refused(small_data(), {.batch_size = 1}),
              AllOf(HasSubstr("[bn1]"), HasSubstr("at least 2 values per channel")));
  EXPECT_THAT(refused(small_data(1), {}), HasSubstr("at least 2 values per channel"));
  EXPECT_THAT(refused(Dataset(), {}), HasSubstr("got none"));
  EXPECT_THAT(refused(noise(20, {4, 4, 1}), {}), HasSubstr("expected images"));
  EXPECT_EQ(recalibrated_state(run), before);
}

TEST(Recalibrate, OfANetworkWithoutBatchNormIsRefused) {
  const Model model =
      Sequential("bare", image(28, 28, 1).scale(1 / 255.0)).flatten().dense(10).build();
  Trainer run = recalibrate_trainer(model);
  const auto text = message_of([&] { run.recalibrate(small_data()); });
  EXPECT_THAT(text, AllOf(HasSubstr("[bare]"), HasSubstr("no statistics to recalibrate")));
  EXPECT_THROW(run.recalibrate(small_data()), InvalidArgument);
}

TEST(Recalibrate, OfValuesThatAreNotFiniteNamesLayerAndChannelAndLeavesTheState) {
  const Model model = Sequential("deep", image(28, 28, 1).scale(1 / 255.0))
                          .max_pool2d(4)
                          .flatten()
                          .dense(8)
                          .batch_norm()
                          .dense(10)
                          .build();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), 1e30F}) {
    Trainer run = recalibrate_trainer(model);
    Tensor kernel = run.state("dense1/kernel");
    for (std::size_t i = 5; i < kernel.values<float>().size(); i += 8)
      kernel.values<float>()[i] = bad;
    run.set_state("dense1/kernel", kernel);
    const auto before = recalibrated_state(run);
    EXPECT_THROW(run.recalibrate(small_data()), RuntimeFailure);
    const auto text = message_of([&] { run.recalibrate(small_data()); });
    EXPECT_THAT(text, AllOf(HasSubstr("[bn1]"), HasSubstr("channel 5 ")));
    EXPECT_EQ(recalibrated_state(run) == before, true);
  }
}

}  // namespace
}  // namespace evenkeel::test
