// SPDX-License-Identifier: Apache-2.0
// The number of threads divides the work and never the sums.
#include <gtest/gtest.h>

#include <map>

#include "evenkeel/base/random.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kSteps = 20;
constexpr std::int64_t kBatchSize = 32;
constexpr std::int64_t kSide = 12;

// Every layer there is; convolutions and dense layers have reference kernels where the native ones
// stop.
Model every_layer() {
  return Sequential("small", image(kSide, kSide, 1).scale(1 / 255.0))
      .conv2d(6, 3, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .batch_norm()
      .conv2d(9, 3, {.bias = false})
      .batch_norm({.count_weighted = false})
      .relu()
      .max_pool2d(3, {.stride = 1, .padding = Padding::same})
      .flatten()
      .batch_norm({.variance = MovingVariance::sample})
      .dense(33, {.activation = Activation::relu})
      .dense(10)
      .build();
}

Dataset noise() {
  constexpr std::int64_t kCount = kSteps * kBatchSize;
  const Random random(7, Purpose::test, 1);
  std::vector<std::uint8_t> pixels(kCount * kSide * kSide);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(random.below(i, 256));
  std::vector<std::int32_t> labels(kCount);
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = static_cast<std::int32_t>(random.below(pixels.size() + i, 10));
  return Dataset("noise", Tensor::of<std::uint8_t>({kCount, kSide, kSide, 1}, pixels), labels, 10);
}

struct Trained {
  std::vector<double> losses;
  std::map<std::string, Tensor> state;
  Evaluation evaluation;
};

Trained train(int threads) {
  Trainer trainer(every_layer(), softmax_cross_entropy(), Adam{.learning_rate = 1e-3},
                  {.seed = 3, .threads = threads, .kernels = "native"});
  Trained result;
  const Callback note_loss{
      .on_batch = [&](Trainer&, const BatchEvent& event) { result.losses.push_back(event.loss); }};
  trainer.fit(noise(), {.epochs = 1, .batch_size = kBatchSize, .callbacks = {note_loss}});
  for (const std::string& name : trainer.state_names()) result.state[name] = trainer.state(name);
  result.evaluation = trainer.evaluate(noise().subset(0, 300));
  return result;
}

TEST(Threads, OneTwoAndFourMakeTheSameBytes) {
  const Trained one = train(1);
  ASSERT_EQ(one.losses.size(), static_cast<std::size_t>(kSteps));
  for (const int threads : {2, 4}) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    const Trained other = train(threads);
    EXPECT_EQ(other.losses, one.losses);
    ASSERT_EQ(other.state.size(), one.state.size());
    for (const auto& [name, tensor] : one.state)
      EXPECT_TRUE(other.state.at(name) == tensor) << name;
    EXPECT_EQ(other.evaluation.loss, one.evaluation.loss);
    EXPECT_EQ(other.evaluation.correct, one.evaluation.correct);
  }
}

}  // namespace
}  // namespace evenkeel
