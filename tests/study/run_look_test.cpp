// SPDX-License-Identifier: Apache-2.0
// A look at a run's network: filters, batch norms, times, and what is said where one is missing.
#include "evenkeel/study/run_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/study/step_profile.h"
#include "tests/study/patients.h"

namespace evenkeel::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FirstFilters, HaveZeroInTheMiddleAndTheLargestWeightAtTheEnd) {
  const Model model =
      Sequential("net", image(8, 8, 3).scale(1)).conv2d(2, 1).flatten().dense(2).build();
  const std::map<std::string, Tensor> state = {
      {"conv1/kernel", Tensor::of<float>(Shape{1, 1, 3, 2}, {0.5F, 0, -1, 0.25F, 0, 1})}};
  const auto filters = first_filters(model, state);
  ASSERT_TRUE(filters);
  EXPECT_EQ(filters->layer, "conv1");
  EXPECT_EQ(filters->largest, 1);
  ASSERT_EQ(filters->pictures.size(), 2U);
  EXPECT_EQ(filters->pictures[0], (Image{1, 1, 3, {192, 1, 128}}));
  EXPECT_EQ(filters->pictures[1], (Image{1, 1, 3, {128, 160, 255}}));
}

TEST(FirstFilters, AreMeansOverOtherChannelsAndNoneWithoutAConvolution) {
  const Model model =
      Sequential("net", image(8, 8, 2).scale(1)).conv2d(1, 1).flatten().dense(2).build();
  const auto filters =
      first_filters(model, {{"conv1/kernel", Tensor::of<float>(Shape{1, 1, 2, 1}, {1, 0})}});
  ASSERT_TRUE(filters);
  EXPECT_EQ(filters->pictures[0], (Image{1, 1, 1, {192}}));
  EXPECT_FALSE(first_filters(model, {}));
  EXPECT_FALSE(first_filters(small_model(), {}));
}

TEST(ProfileSteps, TimesAFewStepsOfImagesOrNoise) {
  Trainer trainer = small_trainer();
  const Profile profile = profile_steps(trainer, small_data(64), {.batch = 32, .steps = 3});
  EXPECT_EQ(profile.runs, 3);
  EXPECT_GT(profile.seconds, 0);
  EXPECT_FALSE(profile.phases.empty());
  EXPECT_EQ(trainer.completed_steps(), 5);

  const Dataset noise = noise_for(small_model(), 16);
  EXPECT_EQ(noise.size(), 16);
  EXPECT_EQ(noise.classes(), 10);
  EXPECT_NE(noise.images()[3], noise.images()[4]);
  Trainer other = small_trainer();
  EXPECT_EQ(profile_steps(other, noise, {.batch = 16, .steps = 2}).runs, 2);
}

class RunLookTest : public ::testing::Test {
 protected:
  RunLookTest() {
    Trainer trainer = trainer_for(healthy_model());
    trainer.notes()["batch"] = "32";
    trainer.notes()["data"] = "small";
    trainer.fit(small_data(), {.epochs = 1, .batch_size = 32});
    trainer.save(checkpoint_path(folder_.path(), 10));
    trainer.fit(small_data(), {.epochs = 2, .batch_size = 32});
    trainer.save(checkpoint_path(folder_.path(), 20));
    data_.train = small_data();
    data_.test = small_data(50, 2);
  }
  ChosenCheckpoint choose() {
    return choose_checkpoint(folder_.path(),
                             [&](const std::string& text) { told_.push_back(text); });
  }
  RunLook look(const LookOptions& options) {
    const ChosenCheckpoint chosen = choose();
    return look_at(
        chosen,
        [&] {
          Trainer trainer = trainer_for(healthy_model());
          trainer.restore(chosen.found.path);
          return trainer;
        },
        options);
  }
  void damage(std::int64_t step) {
    const auto path = checkpoint_path(folder_.path(), step);
    ByteVector bytes = read_bytes(path);
    bytes[bytes.size() - 3] ^= std::byte{1};
    write_bytes(path, bytes);
  }

  TemporaryFolder folder_;
  Splits data_;
  std::vector<std::string> told_;
};

TEST_F(RunLookTest, SeesAllWithData) {
  const ByteVector before = read_bytes(checkpoint_path(folder_.path(), 20));
  const RunLook seen = look({.data = &data_, .most_mistakes = 3});
  EXPECT_THAT(seen.missing, IsEmpty());
  EXPECT_EQ(seen.step, 20);
  EXPECT_EQ(seen.data, "small");
  ASSERT_EQ(seen.norms.size(), 2U);
  EXPECT_EQ(seen.norms[0].channels, 6);
  EXPECT_EQ(seen.norms[0].updates, 20);
  ASSERT_TRUE(seen.norms[0].gamma && seen.norms[0].deviation);
  EXPECT_TRUE(seen.findings_with_data);
  ASSERT_TRUE(seen.judged);
  EXPECT_EQ(seen.judged->confusion.images, 50);
  ASSERT_TRUE(seen.filters);
  EXPECT_EQ(seen.filters->shape, (Shape{3, 3, 1, 6}));
  ASSERT_TRUE(seen.profile);
  EXPECT_EQ(seen.profile_batch, 32);
  EXPECT_EQ(read_bytes(checkpoint_path(folder_.path(), 20)), before);
}

TEST_F(RunLookTest, WithoutDataTimesStepsOnNoiseAndSaysWhatIsLeftOut) {
  const RunLook seen = look({.why_no_data = "no images here"});
  EXPECT_THAT(seen.missing, ElementsAre("no images here"));
  EXPECT_FALSE(seen.judged);
  EXPECT_FALSE(seen.findings_with_data);
  EXPECT_TRUE(seen.profile);
  EXPECT_TRUE(seen.filters);
  EXPECT_FALSE(look({.profile = false}).profile);
}

TEST_F(RunLookTest, ImagesThatDoNotFitAreSaidAndTheRestIsThere) {
  data_.train =
      Dataset("other", Tensor(DType::u8, Shape{40, 8, 8, 1}), std::vector<std::int32_t>(40, 0), 10);
  data_.test = data_.train;
  const RunLook seen = look({.data = &data_});
  EXPECT_THAT(seen.missing, ElementsAre(HasSubstr("Batch norm is judged without images"),
                                        HasSubstr("What the network confuses left out"),
                                        HasSubstr("Time by op left out")));
  EXPECT_EQ(seen.norms.size(), 2U);
  EXPECT_TRUE(seen.filters);
}

TEST_F(RunLookTest, ASplitWithoutImagesIsSaid) {
  const RunLook seen = look({.data = &data_, .split = "validation", .profile = false});
  EXPECT_THAT(seen.missing, ElementsAre(HasSubstr("has no validation images")));
}

TEST_F(RunLookTest, TakesTheBestCheckpointElseTheNewestThatIsGood) {
  EXPECT_EQ(choose().found.checkpoint.step, 20);
  EXPECT_FALSE(choose().best);
  write_best(folder_.path(), {10, 0.5, 1});
  EXPECT_EQ(choose().found.checkpoint.step, 10);
  EXPECT_TRUE(choose().best);
  EXPECT_TRUE(choose_checkpoint(checkpoint_path(folder_.path(), 10), {}).best);
  EXPECT_FALSE(choose_checkpoint(checkpoint_path(folder_.path(), 20), {}).best);
  EXPECT_THAT(told_, IsEmpty());

  damage(10);
  EXPECT_EQ(choose().found.checkpoint.step, 20);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("damaged, so the newest good one is taken")));
  damage(20);
  EXPECT_THROW(choose(), DataError);
}

TEST_F(RunLookTest, ADamagedNewestCheckpointLeavesTheOneBefore) {
  damage(20);
  EXPECT_EQ(choose().found.checkpoint.step, 10);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("step-00000020.safetensors")));
}

}  // namespace
}  // namespace evenkeel::test
