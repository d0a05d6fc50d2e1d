// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "evenkeel/model/sequential.h"
#include "evenkeel/train/predictor.h"
#include "tests/support/graph_checks.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

Model tiny(std::int64_t units = 16) {
  return Sequential("tiny", image(28, 28, 1).scale(1 / 255.0))
      .conv2d(4, 3, {.stride = 2, .activation = Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm()
      .dense(units, {.activation = Activation::relu})
      .dense(10)
      .build();
}

Dataset data(std::size_t count = 300, std::uint64_t seed = 1) {
  const auto labels = test::small_labels(count, seed);
  const auto pixels = test::small_images(labels, seed);
  return Dataset(
      "small", Tensor::of<std::uint8_t>(Shape{static_cast<std::int64_t>(count), 28, 28, 1}, pixels),
      std::vector<std::int32_t>(labels.begin(), labels.end()), 10);
}

Trainer dense_trainer(std::uint64_t seed = 1, std::int64_t units = 16) {
  return Trainer(tiny(units), softmax_cross_entropy(), Adam{.learning_rate = 3e-3},
                 {.seed = seed, .threads = 2});
}

void fill(Trainer& trainer, const std::string& name, float value) {
  Tensor tensor = trainer.state(name);
  for (float& element : tensor.values<float>()) element = value;
  trainer.set_state(name, tensor);
}

TEST(Trainer, LearnsASmallSetAndPredictsWithMovingStatistics) {
  Trainer run = dense_trainer();
  EXPECT_TRUE(run.fit(data(), {.epochs = 12, .batch_size = 32}));
  EXPECT_GT(run.evaluate(data(200, 2)).accuracy, 0.9);
}

TEST(Trainer, EqualSeedsGiveEqualFilesAndOthersDoNot) {
  const test::TemporaryFolder folder;
  for (const char* name : {"a", "b", "c"}) {
    Trainer run = dense_trainer(name[0] == 'c' ? 2 : 1);
    run.fit(data(), {.epochs = 1, .batch_size = 32});
    run.save(folder / name);
  }
  EXPECT_EQ(test::read_bytes(folder / "a"), test::read_bytes(folder / "b"));
  EXPECT_NE(test::read_bytes(folder / "a"), test::read_bytes(folder / "c"));
}

TEST(Trainer, AResumedRunEqualsOneThatNeverStopped) {
  const test::TemporaryFolder folder;
  Trainer whole = dense_trainer();
  whole.fit(data(), {.epochs = 3, .batch_size = 32});
  whole.save(folder / "whole");

  std::stop_source stop;
  Callback at_step_13{.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == 13) stop.request_stop();
  }};
  Trainer first = dense_trainer();
  EXPECT_FALSE(first.fit(
      data(),
      {.epochs = 3, .batch_size = 32, .callbacks = {at_step_13}, .stop = stop.get_token()}));
  EXPECT_EQ(first.completed_steps(), 13);
  first.save(folder / "part");
  Trainer second = dense_trainer();
  second.restore(folder / "part");
  second.fit(data(), {.epochs = 3, .batch_size = 32});
  second.save(folder / "resumed");
  EXPECT_EQ(test::read_bytes(folder / "whole"), test::read_bytes(folder / "resumed"));
}

TEST(Trainer, EvaluatingBeforeTheFirstStepNamesTheBatchNorm) {
  Trainer run = dense_trainer();
  try {
    run.evaluate(data());
    FAIL() << "moving statistics 0 and 1 were used";
  } catch (const UntrainedStatistics& error) {
    EXPECT_EQ(error.where(), "bn1");
  }
}

TEST(Trainer, EvaluatingChangesNothing) {
  const test::TemporaryFolder folder;
  Trainer run = dense_trainer();
  run.fit(data(), {.epochs = 1, .batch_size = 32});
  run.save(folder / "before");
  const Evaluation once = run.evaluate(data(200, 2));
  EXPECT_EQ(run.evaluate(data(200, 2)).loss, once.loss);
  run.save(folder / "after");
  EXPECT_EQ(test::read_bytes(folder / "before"), test::read_bytes(folder / "after"));
}

TEST(Trainer, ANonFiniteParameterNamesItsLayerAndLeavesTheState) {
  Trainer run = dense_trainer();
  run.fit(data(), {.epochs = 1, .batch_size = 32});
  fill(run, "dense1/kernel", std::numeric_limits<float>::quiet_NaN());
  const Tensor before = run.state("conv1/kernel");
  const auto fit = [&] { run.fit(data(), {.epochs = 2, .batch_size = 32}); };
  EXPECT_THROW(fit(), RuntimeFailure);
  EXPECT_EQ(test::message_of(fit).rfind("[dense1]", 0), 0U) << test::message_of(fit);
  EXPECT_EQ(run.state("conv1/kernel"), before);
}

TEST(Trainer, AnOverflowNamesTheLayerWhereItAppeared) {
  Trainer run = dense_trainer();
  run.fit(data(), {.epochs = 1, .batch_size = 32});
  fill(run, "dense1/kernel", 3e38F);
  const std::string text =
      test::message_of([&] { run.fit(data(), {.epochs = 2, .batch_size = 32}); });
  EXPECT_EQ(text.rfind("[dense", 0), 0U) << text;
}

TEST(Trainer, RefusesABatchOfZeroOrLargerThanTheData) {
  Trainer run = dense_trainer();
  EXPECT_THROW(run.fit(data(), {.batch_size = 0}), InvalidArgument);
  EXPECT_THROW(run.fit(data(), {.batch_size = 301}), InvalidArgument);
}

TEST(Trainer, ACheckpointOfAnotherNetworkSaysWhichTensorDiffers) {
  const test::TemporaryFolder folder;
  dense_trainer().save(folder / "sixteen");
  Trainer other = dense_trainer(1, 20);
  const Tensor before = other.state("dense1/kernel");
  const std::string text = test::message_of([&] { other.restore(folder / "sixteen"); });
  EXPECT_NE(text.find("dense1/kernel"), std::string::npos) << text;
  EXPECT_EQ(other.state("dense1/kernel"), before);
}

TEST(Trainer, ADamagedCheckpointIsADataErrorAndChangesNothing) {
  const test::TemporaryFolder folder;
  Trainer run = dense_trainer();
  run.fit(data(), {.epochs = 1, .batch_size = 32});
  run.save(folder / "good");
  const auto good = test::read_bytes(folder / "good");
  const Tensor before = run.state("dense1/kernel");
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, good.size() / 2, good.size() - 1}) {
    test::write_bytes(folder / "short", std::span(good).first(length));
    EXPECT_THROW(run.restore(folder / "short"), DataError) << length;
  }
  auto flipped = good;
  flipped.back() ^= std::byte{1};
  test::write_bytes(folder / "flipped", flipped);
  EXPECT_THROW(run.restore(folder / "flipped"), DataError);
  EXPECT_THROW(run.restore(folder / "missing"), DataError);
  EXPECT_EQ(run.state("dense1/kernel"), before);
}

TEST(Predictor, GivesTheEvaluatorsClassesFromAFileWithoutATrainer) {
  const test::TemporaryFolder folder;
  Trainer run = dense_trainer();
  run.fit(data(), {.epochs = 3, .batch_size = 32});
  run.save(folder / "net");
  const Dataset test = data(150, 2);
  const Predictor predictor = Predictor::load(folder / "net");
  std::vector<float> p(1500);
  predictor.probabilities(test.images(), p);
  std::int64_t correct = 0;
  for (std::size_t i = 0; i < 150; ++i) {
    const auto row = p.begin() + static_cast<std::ptrdiff_t>(10 * i);
    const auto best = std::max_element(row, row + 10) - row;
    correct += best == test.labels()[i] ? 1 : 0;
    float sum = 0;
    for (int k = 0; k < 10; ++k) sum += row[k];
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  EXPECT_EQ(correct, run.evaluate(test).correct);
}

TEST(Predictor, RefusesAnUntrainedNetworkAndWrongSizes) {
  const test::TemporaryFolder folder;
  Trainer run = dense_trainer();
  run.save(folder / "untrained");
  EXPECT_THROW(Predictor::load(folder / "untrained"), UntrainedStatistics);
  run.fit(data(), {.epochs = 1, .batch_size = 32});
  const Predictor predictor(run);
  std::vector<float> p(10);
  EXPECT_THROW(predictor.probabilities(std::vector<std::uint8_t>(783), p), InvalidArgument);
  EXPECT_THROW(predictor.probabilities(std::vector<std::uint8_t>(2 * 784), p), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
