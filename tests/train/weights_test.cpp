// SPDX-License-Identifier: Apache-2.0
// Predicting with weights in bf16: the same as with a network whose kernels were rounded by hand.
#include <gtest/gtest.h>

#include "evenkeel/base/bf16.h"
#include "tests/train/predictor_network.h"

namespace evenkeel {
namespace {

using test::probabilities_of;
using test::small_set;

Trainer trained(Model model) {
  Trainer trainer(std::move(model), softmax_cross_entropy(), Adam{.learning_rate = 3e-3},
                  {.seed = 1, .threads = 1});
  trainer.fit(small_set(320, 1), {.epochs = 2, .batch_size = 32});
  return trainer;
}

// Of 75,264 weights in the first dense layer; the 960 of the second one stay as they are. Batch
// norm behind a dense layer is folded into its kernel, before that is rounded.
Trainer foldable_network() {
  return trained(Sequential("wide", image(28, 28, 1).scale(1 / 255.0))
                     .flatten()
                     .dense(96, {.bias = false})
                     .batch_norm()
                     .relu()
                     .dense(10)
                     .build());
}

Trainer unfoldable_network() {
  return trained(Sequential("wide", image(28, 28, 1).scale(1 / 255.0))
                     .flatten()
                     .batch_norm()
                     .dense(96, {.activation = Activation::relu})
                     .dense(10)
                     .build());
}

void round_kernel(Trainer& trainer, const std::string& name) {
  Tensor kernel = trainer.state(name);
  for (float& value : kernel.values<float>()) value = rounded_to_bf16(value);
  trainer.set_state(name, kernel);
}

PredictorOptions narrow(int threads = 1) {
  PredictorOptions options{.threads = threads};
  options.weights = Weights::bf16;
  return options;
}

TEST(PredictorWeights, InBf16AreThoseRoundedByHand) {
  Trainer trainer = unfoldable_network();
  const Predictor predictor(trainer, narrow());
  const Predictor as_they_were(trainer);
  round_kernel(trainer, "dense1/kernel");
  const Predictor by_hand(trainer);
  for (const std::size_t count : {1, 2, 100}) {
    SCOPED_TRACE(count);
    const Dataset images = small_set(count, 2);
    const auto expected = probabilities_of(by_hand, images.images(), count);
    EXPECT_EQ(probabilities_of(predictor, images.images(), count), expected);
    EXPECT_NE(probabilities_of(as_they_were, images.images(), count), expected);
  }
}

TEST(PredictorWeights, InBf16ChangeProbabilitiesByLittleAndFoldToo) {
  Trainer trainer = foldable_network();
  const Predictor f32(trainer), bf16(trainer, narrow());
  for (const std::size_t count : {1, 40}) {
    const Dataset images = small_set(count, 3);
    const auto expected = probabilities_of(f32, images.images(), count);
    const auto actual = probabilities_of(bf16, images.images(), count);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 0.02);
  }
}

TEST(PredictorWeights, InBf16GiveTheSameBytesOnAnyNumberOfThreads) {
  Trainer trainer = foldable_network();
  const Dataset images = small_set(40, 3);
  for (const std::size_t count : {1, 40}) {
    const auto pixels = images.images().first(count * 28 * 28);
    const auto expected = probabilities_of(Predictor(trainer, narrow(1)), pixels, count);
    for (const int threads : {2, 3, 7})
      EXPECT_EQ(probabilities_of(Predictor(trainer, narrow(threads)), pixels, count), expected)
          << threads << " threads";
  }
}

TEST(EvaluateWeights, InBf16AreThoseThatThePredictorHas) {
  Trainer trainer = unfoldable_network();
  const Dataset images = small_set(150, 2);
  const Evaluation f32 = trainer.evaluate(images);
  const Evaluation bf16 = trainer.evaluate(images, {.weights = Weights::bf16});
  EXPECT_NE(bf16.loss, f32.loss);
  EXPECT_EQ(trainer.evaluate(images).loss, f32.loss) << "the state stays as it was";
  round_kernel(trainer, "dense1/kernel");
  EXPECT_EQ(trainer.evaluate(images).loss, bf16.loss);
  EXPECT_EQ(trainer.evaluate(images, {.weights = Weights::bf16}).loss, bf16.loss);
}

}  // namespace
}  // namespace evenkeel
