// SPDX-License-Identifier: Apache-2.0
// TrainerOptions::statistics: recalibrated ones for all that predicts, the moving ones for
// training.
#include <gmock/gmock.h>

#include <limits>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/predictor.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Trainer recalibrating_trainer(const Statistics& statistics = Recalibrated{.images = 100}) {
  TrainerOptions options;
  options.seed = 1;
  options.threads = 2;
  options.statistics = statistics;
  return Trainer(small_model(), softmax_cross_entropy(), Adam{.learning_rate = 3e-3}, options);
}

void fit_until(Trainer& trainer, std::int64_t epochs, std::int64_t stop_at = -1) {
  std::stop_source stop;
  const Callback stopping{.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == stop_at) stop.request_stop();
  }};
  trainer.fit(
      small_data(),
      {.epochs = epochs, .batch_size = 32, .callbacks = {stopping}, .stop = stop.get_token()});
}

TEST(RecalibratedStatistics, LeaveTrainingAsItIs) {
  Trainer moving = recalibrating_trainer(MovingStatistics{});
  Trainer recalibrated = recalibrating_trainer();
  const Callback look{.on_batch = [](Trainer& run, const BatchEvent& event) {
    if (event.batch % 3 == 0) run.evaluate(small_data(50, 2));
  }};
  for (Trainer* run : {&moving, &recalibrated})
    run->fit(small_data(), {.epochs = 2, .batch_size = 32, .callbacks = {look}});
  for (const std::string& name : moving.state_names())
    EXPECT_EQ(moving.state(name), recalibrated.state(name)) << name;
}

TEST(RecalibratedStatistics, AResumedRunEqualsOneThatNeverStopped) {
  const TemporaryFolder folder;
  Trainer whole = recalibrating_trainer();
  fit_until(whole, 3);
  whole.save(folder / "whole");
  Trainer first = recalibrating_trainer();
  fit_until(first, 3, 13);
  first.save(folder / "part");
  Trainer second = recalibrating_trainer();
  second.restore(folder / "part");
  second.save(folder / "part again");
  fit_until(second, 3);
  second.save(folder / "resumed");
  EXPECT_EQ(read_bytes(folder / "part"), read_bytes(folder / "part again"));
  EXPECT_EQ(read_bytes(folder / "whole"), read_bytes(folder / "resumed"));
}

TEST(RecalibratedStatistics, AreTheFilesOwnAndTheMovingOnesStandBeside) {
  const TemporaryFolder folder;
  Trainer run = recalibrating_trainer();
  fit_until(run, 1);
  run.save(folder / "net");
  const auto file = SafetensorsFile::read(folder / "net");
  for (const char* name : {"bn1/moving_mean", "bn1/moving_variance", "state/bn1/updates_seen"}) {
    EXPECT_EQ(file.tensor(std::string("state/run/") + name), run.state(name)) << name;
    EXPECT_EQ(file.tensor(name), run.predicting_state(name)) << name;
    EXPECT_NE(file.tensor(name), run.state(name)) << name;
  }
  // They are what recalibrate() computes over as many images.
  run.recalibrate(small_data(), {.images = 100});
  EXPECT_EQ(file.tensor("bn1/moving_variance"), run.state("bn1/moving_variance"));
}

TEST(RecalibratedStatistics, EvaluatePredictAndAFilePredictAlike) {
  const TemporaryFolder folder;
  Trainer run = recalibrating_trainer();
  fit_until(run, 1);
  run.save(folder / "net");
  const Dataset unseen = small_data(150, 2);
  const Evaluation evaluation = run.evaluate(unseen);
  Trainer restored = recalibrating_trainer();
  restored.restore(folder / "net");
  EXPECT_EQ(restored.evaluate(unseen).loss, evaluation.loss);
  std::vector<float> from_trainer(1500);
  std::vector<float> from_file(1500);
  Predictor(run).logits(unseen.images(), from_trainer);
  Predictor::load(folder / "net").logits(unseen.images(), from_file);
  EXPECT_EQ(from_trainer, from_file);
  run.recalibrate(small_data(), {.images = 100});
  EXPECT_EQ(run.evaluate(unseen, {.statistics = MovingStatistics{}}).loss, evaluation.loss);
}

TEST(RecalibratedStatistics, AnEvaluationMayAskForOthersThanTheTrainers) {
  Trainer run = recalibrating_trainer();
  fit_until(run, 1);
  const Dataset unseen = small_data(150, 2);
  const double loss = run.evaluate(unseen).loss;
  const double moving = run.evaluate(unseen, {.statistics = MovingStatistics{}}).loss;
  const double few = run.evaluate(unseen, {.statistics = Recalibrated{.images = 32}}).loss;
  EXPECT_NE(loss, moving);
  EXPECT_NE(loss, few);
  EXPECT_NE(moving, few);
  EXPECT_EQ(run.evaluate(unseen).loss, loss);
  Trainer plain = recalibrating_trainer(MovingStatistics{});
  fit_until(plain, 1);
  EXPECT_EQ(plain.evaluate(unseen).loss, moving);
  EXPECT_EQ(plain.evaluate(unseen, {.statistics = Recalibrated{.images = 100}}).loss, loss);
  EXPECT_EQ(plain.evaluate(unseen).loss, moving);
}

TEST(RecalibratedStatistics, EvaluatingAndSavingChangeNothing) {
  const TemporaryFolder folder;
  Trainer run = recalibrating_trainer();
  fit_until(run, 1);
  run.save(folder / "before");
  run.evaluate(small_data(50, 2));
  run.evaluate(small_data(50, 2), {.statistics = Recalibrated{.images = 32}});
  run.save(folder / "after");
  EXPECT_EQ(read_bytes(folder / "before"), read_bytes(folder / "after"));
}

TEST(RecalibratedStatistics, AreThoseOfTheWeightsAsTheyAre) {
  const Model model = Sequential("deep", image(28, 28, 1).scale(1 / 255.0))
                          .max_pool2d(4)
                          .flatten()
                          .dense(8, {.bias = false})
                          .batch_norm()
                          .dense(10)
                          .build();
  TrainerOptions options;
  options.statistics = Recalibrated{.images = 100};
  Trainer run(model, softmax_cross_entropy(), Adam{}, options);
  fit_until(run, 1);
  const Tensor before = run.predicting_state("bn1/moving_mean");
  Tensor kernel = run.state("dense1/kernel");
  for (float& weight : kernel.values<float>()) weight *= 2;
  run.set_state("dense1/kernel", kernel);
  const Tensor after = run.predicting_state("bn1/moving_mean");
  for (std::size_t c = 0; c < 8; ++c)
    EXPECT_EQ(after.values<float>()[c], 2 * before.values<float>()[c]);
}

TEST(RecalibratedStatistics, NeedTrainingImages) {
  const TemporaryFolder folder;
  Trainer run = recalibrating_trainer();
  const auto text = message_of([&] { run.evaluate(small_data()); });
  EXPECT_THAT(text, AllOf(HasSubstr("training images"), HasSubstr("fit()")));
  EXPECT_THROW(run.evaluate(small_data()), InvalidArgument);
  EXPECT_NO_THROW(run.save(folder / "untrained"));
  EXPECT_THROW(Predictor::load(folder / "untrained"), UntrainedStatistics);
  // With images, a network of no step has statistics of its weights.
  Trainer given = recalibrating_trainer(Recalibrated{.images = 64, .data = small_data()});
  EXPECT_GT(given.evaluate(small_data(50, 2)).loss, 0);
  // A run that was saved with moving ones has none to predict with.
  Trainer moving = recalibrating_trainer(MovingStatistics{});
  fit_until(moving, 1);
  moving.save(folder / "moving");
  run.restore(folder / "moving");
  EXPECT_THROW(run.evaluate(small_data()), InvalidArgument);
  EXPECT_THROW(run.save(folder / "net"), InvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder / "net"));
}

TEST(RecalibratedStatistics, MayBeGivenUpOrTakenUpByAResumedRun) {
  const TemporaryFolder folder;
  Trainer run = recalibrating_trainer();
  fit_until(run, 1);
  run.save(folder / "recalibrated");
  Trainer moving = recalibrating_trainer(MovingStatistics{});
  moving.restore(folder / "recalibrated");
  for (const std::string& name : run.state_names())
    EXPECT_EQ(moving.state(name), run.state(name)) << name;
  moving.save(folder / "moving");
  EXPECT_FALSE(SafetensorsFile::read(folder / "moving").contains("state/run/bn1/moving_mean"));
  Trainer again = recalibrating_trainer();
  again.restore(folder / "moving");
  fit_until(again, 1);  // no step is left to do
  again.save(folder / "again");
  EXPECT_EQ(read_bytes(folder / "again"), read_bytes(folder / "recalibrated"));
}

TEST(RecalibratedStatistics, ThatCannotBeAreRefusedBeforeAnythingIsTrained) {
  EXPECT_THAT(message_of([] { recalibrating_trainer(Recalibrated{.images = 0}); }),
              HasSubstr("got 0"));
  const Model bare =
      Sequential("bare", image(28, 28, 1).scale(1 / 255.0)).flatten().dense(10).build();
  TrainerOptions options;
  options.statistics = Recalibrated{};
  EXPECT_THROW(Trainer(bare, softmax_cross_entropy(), Adam{}, options), InvalidArgument);
}

// Writes the file with another tensor of that name.
void rewrite_with(const std::filesystem::path& path, const std::string& name,
                  const Tensor& tensor) {
  SafetensorsFile file = SafetensorsFile::read(path);
  file.tensors[name] = tensor;
  TensorViews views;
  for (const auto& [key, value] : file.tensors) views[key] = value;
  write_safetensors(path, views, file.metadata);
}

TEST(RecalibratedStatistics, ThatAFileCannotHaveAreDataErrors) {
  const TemporaryFolder folder;
  Trainer run = recalibrating_trainer();
  fit_until(run, 1);
  Tensor negative = run.state("bn1/moving_variance");
  negative.values<float>()[7] = -1;
  const std::vector<std::pair<std::string, Tensor>> cases = {
      {"state/run/bn1/moving_variance", negative},
      {"bn1/moving_variance", negative},
      {"state/run/bn1/moving_mean", Tensor::of<float>({2}, {0, 1})},
      {"state/run/bn1/gamma", run.state("bn1/gamma")},
      {"state/run/bn2/moving_mean", run.state("bn1/moving_mean")}};
  for (const auto& [name, tensor] : cases) {
    run.save(folder / "net");
    rewrite_with(folder / "net", name, tensor);
    Trainer other = recalibrating_trainer();
    const Tensor before = other.state("dense1/kernel");
    EXPECT_THROW(other.restore(folder / "net"), DataError) << name;
    EXPECT_THAT(message_of([&] { other.restore(folder / "net"); }), HasSubstr(name));
    EXPECT_EQ(other.state("dense1/kernel"), before);
  }
}

}  // namespace
}  // namespace evenkeel::test
