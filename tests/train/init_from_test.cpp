// SPDX-License-Identifier: Apache-2.0
// Fine-tuning: a run that starts from another's weights.
#include "evenkeel/train/init_from.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/train/checkpoint.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Model headed_network(std::int64_t classes, std::int64_t units = 16, const char* head = "dense2") {
  return Sequential("net", image(28, 28, 1).scale(1 / 255.0))
      .conv2d(4, 5, {.stride = 3, .bias = false})
      .batch_norm()
      .relu()
      .flatten()
      .dense(units)
      .batch_norm()
      .relu()
      .dense(classes, {.name = head})
      .build();
}

Trainer trainer_for(const Model& model, TrainerOptions options = {}) {
  options.seed = 3;
  options.threads = 2;
  return Trainer(model, softmax_cross_entropy(), Adam{.learning_rate = 3e-3}, options);
}

// Of the digits 0 to 9: a run of three epochs.
void save_digits(const std::filesystem::path& path, TrainerOptions options = {}) {
  Trainer run = trainer_for(headed_network(10), options);
  run.fit(small_data(), {.epochs = 3, .batch_size = 32});
  run.save(path);
}

// The same images in seven classes.
Dataset seven_classes() {
  const auto digits = small_labels(320, 1);
  std::vector<std::int32_t> labels;
  for (const auto digit : digits) labels.push_back((3 * static_cast<int>(digit) + 2) % 7);
  return Dataset("seven", Tensor::of<std::uint8_t>(Shape{320, 28, 28, 1}, small_images(digits, 1)),
                 labels, 7);
}

TEST(InitFrom, TakesAllOfTheSameNetworkButTheOptimiserAndTheStep) {
  const TemporaryFolder folder;
  save_digits(folder / "digits");
  Trainer run = trainer_for(headed_network(10));
  const LoadReport report = init_from(run, folder / "digits");
  EXPECT_EQ(report.matched.size(), 15U);
  EXPECT_THAT(report.missing, IsEmpty());
  EXPECT_THAT(report.other_shapes, IsEmpty());
  EXPECT_THAT(report.unused, IsEmpty());
  const auto file = SafetensorsFile::read(folder / "digits");
  for (const std::string& name : report.matched)
    EXPECT_EQ(run.state(name), file.tensor(name)) << name;
  EXPECT_EQ(run.state("state/bn1/updates_seen"), Tensor::of<std::int64_t>(Shape{}, {30}));
  EXPECT_EQ(run.completed_steps(), 0);
  const Tensor m = run.state("state/adam/m/dense1/kernel");
  EXPECT_EQ(m, Tensor(m.dtype, m.shape));
  EXPECT_TRUE(run.notes().empty());
  EXPECT_EQ(to_text(report), "15 tensors matched, 0 missing, 0 of another shape, 0 unused\n");
}

TEST(InitFrom, KeepsAHeadOfAnotherShapeAndSaysSo) {
  const TemporaryFolder folder;
  save_digits(folder / "digits");
  Trainer run = trainer_for(headed_network(7));
  const Tensor head = run.state("dense2/kernel");
  const LoadReport report = init_from(run, folder / "digits");
  EXPECT_EQ(report.matched.size(), 13U);
  EXPECT_THAT(report.other_shapes,
              ElementsAre(LoadReport::OtherShape{"dense2/bias", {7}, {10}},
                          LoadReport::OtherShape{"dense2/kernel", {16, 7}, {16, 10}}));
  EXPECT_EQ(run.state("dense2/kernel"), head);
  EXPECT_EQ(to_text(report),
            "13 tensors matched, 0 missing, 2 of another shape, 0 unused\n"
            "  of another shape: dense2/bias [7], there [10]\n"
            "  of another shape: dense2/kernel [16,7], there [16,10]\n");
}

TEST(InitFrom, ListsWhatHasNoPartner) {
  const TemporaryFolder folder;
  save_digits(folder / "digits");
  Trainer run = trainer_for(headed_network(7, 16, "head"));
  const LoadReport report = init_from(run, folder / "digits");
  EXPECT_THAT(report.missing, ElementsAre("head/bias", "head/kernel"));
  EXPECT_THAT(report.unused, ElementsAre("dense2/bias", "dense2/kernel"));
  EXPECT_THAT(to_text(report), AllOf(HasSubstr("  missing: head/bias\n  missing: head/kernel\n"),
                                     HasSubstr("  unused: dense2/kernel\n")));
}

// A count beside statistics that are still the initial ones would make them look trained.
TEST(InitFrom, TheStatisticsOfABatchNormComeAllOrNone) {
  const TemporaryFolder folder;
  save_digits(folder / "digits");
  Trainer run = trainer_for(headed_network(10, 24));
  const LoadReport report = init_from(run, folder / "digits");
  EXPECT_EQ(run.state("state/bn1/updates_seen"), Tensor::of<std::int64_t>(Shape{}, {30}));
  EXPECT_EQ(run.state("state/bn2/updates_seen"), Tensor::of<std::int64_t>(Shape{}, {0}));
  EXPECT_THAT(report.matched, ::testing::Not(::testing::Contains("state/bn2/updates_seen")));
  Trainer renorm = trainer_for(Sequential("net", image(28, 28, 1).scale(1 / 255.0))
                                   .conv2d(4, 5, {.stride = 3, .bias = false})
                                   .batch_norm({.batch = Renorm{.moves = RenormMoves::deviation}})
                                   .flatten()
                                   .dense(10)
                                   .build());
  const Tensor mean = renorm.state("bn1/moving_mean");
  const LoadReport other = init_from(renorm, folder / "digits");
  EXPECT_EQ(renorm.state("bn1/moving_mean"), mean);
  EXPECT_THAT(other.missing, ::testing::Contains("bn1/moving_mean"));
  EXPECT_THAT(other.matched, ElementsAre("bn1/beta", "bn1/gamma", "conv1/kernel"));
}

TEST(InitFrom, ChangesFloatsIntoDoublesAndBack) {
  const TemporaryFolder folder;
  save_digits(folder / "f32");
  save_digits(folder / "f64", {.precision = Precision::f64});
  Trainer wide = trainer_for(headed_network(10), {.precision = Precision::f64});
  EXPECT_EQ(init_from(wide, folder / "f32").matched.size(), 15U);
  Trainer narrow = trainer_for(headed_network(10));
  EXPECT_EQ(init_from(narrow, folder / "f64").matched.size(), 15U);
  const Tensor given = SafetensorsFile::read(folder / "f64").tensor("dense1/kernel");
  const Tensor kernel = narrow.state("dense1/kernel");
  for (std::size_t i = 0; i < kernel.values<float>().size(); ++i)
    EXPECT_EQ(kernel.values<float>()[i], static_cast<float>(given.values<double>()[i]));
}

TEST(InitFrom, RefusesWhatItCannotStartFromAndChangesNothing) {
  const TemporaryFolder folder;
  save_digits(folder / "digits");
  Trainer run = trainer_for(headed_network(10));
  const Tensor kernel = run.state("dense1/kernel");
  EXPECT_THROW(init_from(run, folder / "nothing"), DataError);
  std::ofstream(folder / "noise") << "no checkpoint";
  EXPECT_THROW(init_from(run, folder / "noise"), DataError);
  Checkpoint checkpoint = Checkpoint::read(folder / "digits");
  for (float& variance : checkpoint.tensors.at("bn1/moving_variance").values<float>())
    variance = -1;
  EXPECT_THROW(init_from(run, checkpoint, folder / "digits"), DataError);
  EXPECT_EQ(run.state("dense1/kernel"), kernel);
  Trainer other = trainer_for(
      Sequential("other", image(28, 28, 1)).flatten().dense(10, {.name = "only"}).build());
  EXPECT_THAT(message_of([&] { init_from(other, folder / "digits"); }),
              AllOf(HasSubstr("expected a weight of the name and shape of one of other's"),
                    HasSubstr("it is of net, with 'bn1/beta'")));
  run.fit(small_data(), {.epochs = 1, .batch_size = 32});
  EXPECT_THAT(message_of([&] { init_from(run, folder / "digits"); }),
              HasSubstr("expected a trainer that has not trained yet"));
}

// Features of ten digits, frozen, under a new head of seven classes.
TEST(FineTuning, LearnsANewHeadAndLeavesFrozenLayersAlone) {
  const TemporaryFolder folder;
  save_digits(folder / "digits");
  const Dataset data = seven_classes();
  Trainer tuned = trainer_for(freeze(freeze(headed_network(7), "conv*"), "bn1"));
  init_from(tuned, folder / "digits");
  const double before = tuned.evaluate(data).loss;
  tuned.fit(data, {.epochs = 3, .batch_size = 32});
  EXPECT_LT(tuned.evaluate(data).loss, 0.5 * before);
  const auto file = SafetensorsFile::read(folder / "digits");
  for (const char* name : {"conv1/kernel", "bn1/gamma", "bn1/moving_mean"})
    EXPECT_EQ(tuned.state(name), file.tensor(name)) << name;
  EXPECT_NE(tuned.state("dense1/kernel"), file.tensor("dense1/kernel"));
}

}  // namespace
}  // namespace evenkeel::test
