// SPDX-License-Identifier: Apache-2.0
// Which networks and checkpoints an average of the weights goes with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/init_from.h"
#include "evenkeel/train/predictor.h"
#include "tests/support/graph_checks.h"
#include "tests/train/averaged_run.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Model without_batch_norm() {
  return Sequential("plain", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(4)
      .flatten()
      .dense(16, {.activation = Activation::relu})
      .dense(10)
      .build();
}

Trainer moving(const Model& model, const WeightAverage& average) {
  TrainerOptions options;
  options.seed = 1;
  options.threads = 2;
  options.average = average;
  return Trainer(model, softmax_cross_entropy(), Adam{}, options);
}

TEST(WeightAverage, OfANetworkWithoutBatchNormNeedsNoStatistics) {
  const TemporaryFolder folder;
  Trainer run = moving(without_batch_norm(), WeightAverage::ema(0.9));
  run.save(folder / "untrained");
  fit(run, 1);
  const Evaluation evaluation = run.evaluate(unseen());
  run.save(folder / "net");
  std::vector<float> from_file(1500);
  std::vector<float> from_trainer(1500);
  Predictor::load(folder / "net").logits(unseen().images(), from_file);
  Predictor(run).logits(unseen().images(), from_trainer);
  EXPECT_EQ(from_file, from_trainer);
  Trainer other = moving(without_batch_norm(), {});
  for (const char* name : {"dense1/kernel", "dense1/bias", "dense2/kernel", "dense2/bias"}) {
    EXPECT_EQ(SafetensorsFile::read(folder / "net").tensor(name),
              run.state(std::string("state/average/") + name));
    other.set_state(name, run.predicting_state(name));
  }
  EXPECT_EQ(other.evaluate(unseen()).loss, evaluation.loss);
  EXPECT_EQ(run.evaluate(unseen(), {.statistics = MovingStatistics{}}).loss, evaluation.loss);
}

TEST(WeightAverage, OfANetworkWithBatchNormIsToBeHadRecalibrated) {
  EXPECT_THAT(message_of([] { moving(small_model(), WeightAverage::ema()); }),
              AllOf(HasSubstr("[average] expected recalibrated statistics beside averaged weights"),
                    HasSubstr("which no batch went through")));
  Trainer run = averaged_trainer(WeightAverage::ema());
  fit(run, 1);
  EXPECT_THAT(
      message_of([&] { run.evaluate(unseen(), {.statistics = MovingStatistics{}}); }),
      HasSubstr("expected recalibrated statistics beside averaged weights, got moving ones"));
  // Frozen statistics are no average of what training sees.
  Trainer trained = averaged_trainer({});
  fit(trained, 1);
  const TemporaryFolder folder;
  trained.save(folder / "net");
  Trainer frozen = moving(freeze(small_model(), "bn1"), WeightAverage::ema());
  frozen.restore(folder / "net");
  fit(frozen, 2);
  EXPECT_EQ(frozen.predicting_state("bn1/moving_mean"), trained.state("bn1/moving_mean"));
  EXPECT_NE(frozen.predicting_state("dense1/kernel"), frozen.state("dense1/kernel"));
}

TEST(WeightAverage, SaysWhatMakesNoSense) {
  const auto refusal = [](const WeightAverage& average) {
    return message_of([&] { averaged_trainer(average); });
  };
  EXPECT_THAT(refusal(WeightAverage::ema(1)),
              HasSubstr("[average] expected an exponential average that keeps between 0 and 1"));
  EXPECT_THAT(refusal(WeightAverage::ema(NAN)), HasSubstr("keeps between 0 and 1"));
  EXPECT_THAT(refusal(WeightAverage::swa(-1)), HasSubstr("behind at least 0 steps, got -1"));
  EXPECT_THAT(refusal(WeightAverage::swa(0, 0)), HasSubstr("got 0"));
}

TEST(WeightAverage, OfAnotherKindBeginsAnew) {
  const TemporaryFolder folder;
  Trainer ema = averaged_trainer(WeightAverage::ema(0.9));
  fit(ema, 1);
  ema.save(folder / "ema");
  const double averaged = ema.evaluate(unseen()).loss;
  // Without one the run goes on as it would have.
  Trainer plain =
      averaged_trainer({}, {.statistics = Recalibrated{.images = 100, .data = small_data()}});
  plain.restore(folder / "ema");
  EXPECT_EQ(plain.state("dense1/kernel"), ema.state("dense1/kernel"));
  EXPECT_EQ(plain.predicting_state("dense1/kernel"), ema.state("dense1/kernel"));
  fit(plain, 2);
  plain.save(folder / "plain");
  fit(ema, 2);
  EXPECT_EQ(plain.state("dense1/kernel"), ema.state("dense1/kernel"));
  // Another one starts with the weights.
  Trainer swa = averaged_trainer(WeightAverage::swa(10));
  swa.restore(folder / "ema");
  EXPECT_EQ(swa.state(kCount), Tensor::of<std::int64_t>(Shape{}, {0}));
  fit(swa, 2, 11);
  EXPECT_EQ(swa.state("state/average/dense1/kernel"), swa.state("dense1/kernel"));
  // As does the first one of a run.
  Trainer late = averaged_trainer(WeightAverage::ema(0.9));
  late.restore(folder / "plain");
  const double before = late.evaluate(unseen()).loss;
  EXPECT_EQ(before, plain.evaluate(unseen()).loss);
  EXPECT_NE(before, averaged);
  fit(late, 3);
  EXPECT_EQ(late.state(kCount), Tensor::of<std::int64_t>(Shape{}, {10}));
}

TEST(WeightAverage, ALayerMayBeFrozenHereAndNotThere) {
  const TemporaryFolder folder;
  Trainer free = averaged_trainer(WeightAverage::ema(0.9));
  fit(free, 1);
  free.save(folder / "free");
  Trainer frozen = averaged_trainer(WeightAverage::ema(0.9), {}, freeze(small_model(), "dense1"));
  frozen.restore(folder / "free");
  fit(frozen, 2);
  EXPECT_EQ(frozen.state("dense1/kernel"), free.state("dense1/kernel"));
  EXPECT_EQ(frozen.predicting_state("dense1/kernel"), free.state("dense1/kernel"));
  EXPECT_NE(frozen.predicting_state("dense2/kernel"), frozen.state("dense2/kernel"));
  frozen.save(folder / "frozen");
  Trainer again = averaged_trainer(WeightAverage::ema(0.9));
  again.restore(folder / "frozen");
  EXPECT_EQ(again.state("state/average/dense1/kernel"), free.state("dense1/kernel"));
  EXPECT_EQ(again.state("state/average/dense2/kernel"),
            frozen.state("state/average/dense2/kernel"));
}

TEST(WeightAverage, IsASettingOfTheCheckpoint) {
  const TemporaryFolder folder;
  for (const WeightAverage& average :
       {WeightAverage{}, WeightAverage::ema(0.75), WeightAverage::swa(40, 7)}) {
    Trainer run = averaged_trainer(average);
    fit(run, 1);
    run.save(folder / "net");
    EXPECT_EQ(Checkpoint::read(folder / "net").settings.average, average);
  }
}

TEST(WeightAverage, ACountThatIsNoneIsRefusedAndNothingChanged) {
  const TemporaryFolder folder;
  Trainer run = averaged_trainer(WeightAverage::ema(0.9));
  fit(run, 1);
  run.save(folder / "net");
  Checkpoint checkpoint = Checkpoint::read(folder / "net");
  checkpoint.tensors[kCount] = Tensor::of<std::int64_t>(Shape{}, {-1});
  Trainer other = averaged_trainer(WeightAverage::ema(0.9));
  const Tensor before = other.state("dense1/kernel");
  EXPECT_THROW(other.restore(checkpoint, folder / "net"), DataError);
  EXPECT_EQ(other.state("dense1/kernel"), before);
  checkpoint = Checkpoint::read(folder / "net");
  checkpoint.tensors["state/average/dense1/bias"] = Tensor::of<float>(Shape{2}, {0, 0});
  EXPECT_THAT(message_of([&] { other.restore(checkpoint, folder / "net"); }),
              HasSubstr("state/average/dense1/bias"));
  EXPECT_EQ(other.state("dense1/kernel"), before);
}

TEST(WeightAverage, RecalibratingReplacesTheRunsOwnStatisticsAndThoseThatPredict) {
  const TemporaryFolder folder;
  Trainer run = averaged_trainer(WeightAverage::ema(0.9));
  fit(run, 1);
  run.save(folder / "net");
  // Without the training images, as the command has it.
  Trainer restored = averaged_trainer(WeightAverage::ema(0.9));
  restored.restore(folder / "net");
  const Tensor averaged = restored.predicting_state("bn1/moving_variance");
  restored.recalibrate(small_data(200, 5), {.images = 200, .batch_size = 50});
  EXPECT_NE(restored.predicting_state("bn1/moving_variance"), averaged);
  EXPECT_EQ(restored.predicting_state("dense1/kernel"),
            restored.state("state/average/dense1/kernel"));
  Trainer plain = averaged_trainer({});
  plain.restore(folder / "net");
  plain.recalibrate(small_data(200, 5), {.images = 200, .batch_size = 50});
  EXPECT_EQ(restored.state("bn1/moving_variance"), plain.state("bn1/moving_variance"));
  restored.save(folder / "again");
  EXPECT_EQ(SafetensorsFile::read(folder / "again").tensor("bn1/moving_variance"),
            restored.predicting_state("bn1/moving_variance"));
}

TEST(WeightAverage, IsWhatAnotherRunStartsFrom) {
  const TemporaryFolder folder;
  Trainer run = averaged_trainer(WeightAverage::ema(0.9));
  fit(run, 1);
  run.save(folder / "net");
  Trainer next = averaged_trainer({});
  const LoadReport report = init_from(next, folder / "net");
  EXPECT_TRUE(report.unused.empty() && report.missing.empty() && report.other_shapes.empty());
  EXPECT_EQ(next.state("dense1/kernel"), run.state("state/average/dense1/kernel"));
  EXPECT_EQ(next.state("bn1/moving_mean"), run.predicting_state("bn1/moving_mean"));
}

}  // namespace
}  // namespace evenkeel::test
