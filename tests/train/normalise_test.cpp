// SPDX-License-Identifier: Apache-2.0
// A model that normalises its pixels: what it computes, trains, saves and is compiled to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/compile/plan.h"
#include "evenkeel/data/channel_statistics.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/train/predictor.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using ::testing::Contains;
using ::testing::Not;

// Its logits are the pixels as the network sees them.
Trainer showing_pixels(const ImageInput& input, Precision precision = Precision::f32) {
  const std::int64_t pixels = input.height * input.width * input.channels;
  Trainer trainer(Sequential("pixels", input).flatten().dense(pixels, {.bias = false}).build(),
                  softmax_cross_entropy(), Sgd{}, {.precision = precision});
  Tensor identity(precision == Precision::f64 ? DType::f64 : DType::f32, {pixels, pixels});
  for (std::int64_t i = 0; i < pixels; ++i) {
    const auto at = static_cast<std::size_t>(i * pixels + i);
    if (precision == Precision::f64)
      identity.values<double>()[at] = 1;
    else
      identity.values<float>()[at] = 1;
  }
  trainer.set_state("dense1/kernel", identity);
  return trainer;
}

std::vector<float> logits(const Predictor& predictor, const std::vector<std::uint8_t>& image) {
  std::vector<float> result(image.size());
  predictor.logits(std::span<const std::uint8_t>(image), result);
  return result;
}

const std::vector<std::uint8_t> kImage = {0, 100, 255, 51, 150, 204};
const std::vector<double> kMean = {0.5, 0.25, 0.1};
const std::vector<double> kDeviation = {0.25, 2, 0.1};

void expect_normalised(const std::vector<float>& found) {
  ASSERT_EQ(found.size(), kImage.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], (kImage[i] / 255.0 - kMean[i % 3]) / kDeviation[i % 3], 2e-6) << i;
}

ImageInput input_of_two() { return image(1, 2, 3).scale(1 / 255.0).normalise(kMean, kDeviation); }

TEST(Normalised, PixelsReachTheNetwork) {
  expect_normalised(logits(Predictor(showing_pixels(input_of_two())), kImage));
  expect_normalised(logits(Predictor(showing_pixels(input_of_two(), Precision::f64)), kImage));
  expect_normalised(
      logits(Predictor(showing_pixels(input_of_two()), {.kernels = "reference"}), kImage));
}

TEST(Normalised, FloatPixelsAreNormalisedToo) {
  const Predictor predictor(showing_pixels(input_of_two()));
  const std::vector<float> pixels(kImage.begin(), kImage.end());
  std::vector<float> found(pixels.size());
  predictor.logits(std::span<const float>(pixels), found);
  expect_normalised(found);
}

TEST(Normalised, ByMeasuredStatisticsTheTrainingSetHasMean0AndDeviation1) {
  const Dataset data = test::small_data(40);
  const ImageInput input = normalised(image(28, 28, 1).scale(1 / 255.0), data);
  const Predictor predictor(showing_pixels(input));
  double sum = 0;
  double squares = 0;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const auto bytes = data.image(i);
    for (const float value : logits(predictor, {bytes.begin(), bytes.end()})) {
      sum += value;
      squares += value * value;
    }
  }
  const double pixels = 40 * 28 * 28;
  EXPECT_NEAR(sum / pixels, 0, 1e-5);
  EXPECT_NEAR(squares / pixels, 1, 1e-5);
}

Model small_network(const ImageInput& input) {
  return Sequential("small", input)
      .conv2d(8, 3, {.activation = Activation::relu})
      .max_pool2d(2)
      .conv2d(8, 3, {.bias = false})
      .batch_norm()
      .relu()
      .flatten()
      .dense(10)
      .build();
}

TEST(Normalised, NetworksTrainAndComeBackFromTheirFile) {
  const Dataset data = test::small_data();
  const Model model = small_network(normalised(image(28, 28, 1).scale(1 / 255.0), data));
  Trainer run(model, softmax_cross_entropy(), Adam{.learning_rate = 3e-3}, {.seed = 1});
  run.fit(data, {.epochs = 4, .batch_size = 32});
  EXPECT_GT(run.evaluate(data).accuracy, 0.9);
  const test::TemporaryFolder folder;
  run.save(folder / "a");
  const Predictor loaded = Predictor::load(folder / "a");
  EXPECT_EQ(loaded.model().graph(), model.graph());
  Trainer again(model, softmax_cross_entropy(), Adam{.learning_rate = 3e-3}, {.seed = 1});
  again.restore(folder / "a");
  EXPECT_EQ(again.evaluate(data).loss, run.evaluate(data).loss);
  std::vector<float> from_file(10 * 10);
  std::vector<float> from_trainer(10 * 10);
  loaded.logits(data.subset(0, 10).images(), from_file);
  Predictor(run).logits(data.subset(0, 10).images(), from_trainer);
  EXPECT_EQ(from_file, from_trainer);
  // The same layers without it are another network.
  Trainer plain(small_network(image(28, 28, 1).scale(1 / 255.0)), softmax_cross_entropy(),
                Adam{.learning_rate = 3e-3});
  EXPECT_THROW(plain.restore(folder / "a"), DataError);
}

std::multiset<std::string> kernels(const std::vector<Phase>& phases) {
  std::multiset<std::string> names;
  for (const Phase& phase : phases)
    for (const Step& step : phase.steps) names.insert(step.kernel);
  return names;
}

// One pass over the images more, and all else as it was: fused, folded, on the same kernels.
void expect_one_affine_more(const Plan& plain, const Plan& with) {
  std::multiset<std::string> expected = kernels(plain.run);
  expected.insert("native/channel_affine");
  EXPECT_EQ(kernels(with.run), expected);
  EXPECT_THAT(kernels(with.run), Not(Contains("native/concat")));
}

TEST(Normalised, PlansHaveOnePassOverTheImagesMoreAndAllElseAsBefore) {
  const ImageInput grey = image(28, 28, 1).scale(1 / 255.0);
  const ImageInput colour = image(28, 28, 3).scale(1 / 255.0);
  for (const auto& [plain, with] :
       {std::pair{mnist_cnn(), network("mnist-cnn", grey.normalise({0.13}, {0.3}), 10)},
        std::pair{small_network(colour),
                  small_network(colour.normalise({0.5, 0.4, 0.3}, {0.2, 0.3, 0.4}))}}) {
    Trainer a(plain, softmax_cross_entropy(), Adam{}, {.threads = 2});
    Trainer b(with, softmax_cross_entropy(), Adam{}, {.threads = 2});
    expect_one_affine_more(a.plan(32), b.plan(32));
    const CompileOptions options = {.batch = 32, .machine = {2, KernelPreference::automatic}};
    expect_one_affine_more(*compile_inference(plain.graph(), options),
                           *compile_inference(with.graph(), options));
  }
}

}  // namespace
}  // namespace evenkeel
