// SPDX-License-Identifier: Apache-2.0
// What a recipe can ask of training, by the command: what it says, writes and refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/metrics_log.h"
#include "tests/cli/recipe_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using FeatureWords = std::vector<std::string>;

// So slow that no look at the validation images is better than the first.
constexpr const char* kSlow = R"(
[model]
name = "slow"
layers = [{type = "max_pool2d", window = 4}, {type = "flatten"}, {type = "dense", units = 10}]
[data]
name = "mnist"
[train]
epochs = 4
batch = 8
lr = 1e-7
[optimizer]
name = "sgd"
[run]
log_every = 0
metrics_every = 1
)";

json last_object(const std::string& text) { return json::parse(lines_of(text).back()); }

TEST(TrainingFeatures, AccumulatedBatchesMakeOneUpdateAndTheLogSaysWhatNormalisesThem) {
  RecipeRun line;
  const Outcome outcome = line.train("tiny.toml", "a", {"--set", "train.accumulate=3"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string said = "batch 8 x 3 (batch norm per_micro_batch)";
  EXPECT_THAT(outcome.err, HasSubstr(said));
  EXPECT_THAT(line.text("a/log.txt"), HasSubstr(said));
  EXPECT_THAT(line.text("a/recipe.toml"),
              HasSubstr("accumulate_batch_norm = \"per_micro_batch\"\n"));
  // Of 121 images five steps of three batches.
  EXPECT_TRUE(fs::exists(line.path("a/step-00000010.safetensors")));
}

TEST(TrainingFeatures, ExactStatisticsOfAccumulatedBatchesAreRefused) {
  RecipeRun line;
  const Outcome outcome =
      line.train("tiny.toml", "a",
                 {"--set", "train.accumulate=3", "--set", "train.accumulate_batch_norm=exact"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("[--set train.accumulate_batch_norm]"),
                                 HasSubstr("use the big batch")));
  EXPECT_FALSE(fs::exists(line.path("a")));
}

struct Average {
  const char* name;
  FeatureWords words;
};

class AveragedWeights : public ::testing::TestWithParam<Average> {
 protected:
  AveragedWeights() {
    FeatureWords words = {"--json", "--set", "train.statistics=recalibrated:64"};
    words.insert(words.end(), GetParam().words.begin(), GetParam().words.end());
    trained_ = line_.train("tiny.toml", "a", words);
  }

  RecipeRun line_;
  Outcome trained_;
};

TEST_P(AveragedWeights, AreWrittenWithStatisticsOfTheirOwn) {
  ASSERT_EQ(trained_.code, 0) << trained_.err;
  const auto tensors = Checkpoint::read(line_.path("a/step-00000030.safetensors")).tensors;
  for (const char* weight : {"bn1/gamma", "dense1/kernel", "dense2/bias"}) {
    const std::string name = weight;
    EXPECT_EQ(tensors.at(name), tensors.at("state/average/" + name)) << name;
    EXPECT_NE(tensors.at(name), tensors.at("state/run/" + name)) << name;
  }
  EXPECT_NE(tensors.at("bn1/moving_mean"), tensors.at("state/run/bn1/moving_mean"));
}

TEST_P(AveragedWeights, AreWhatEvaluateSeesToo) {
  ASSERT_EQ(trained_.code, 0) << trained_.err;
  const json done = last_object(trained_.out);
  const Outcome outcome =
      line_.run({"evaluate", "a", "--data-dir", "sets", "--threads", "1", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json evaluation = last_object(outcome.out);
  EXPECT_EQ(evaluation.at("accuracy"), done.at("accuracy"));
  EXPECT_NEAR(evaluation.at("loss").get<double>(), done.at("loss").get<double>(), 1e-6);
  EXPECT_THAT(line_.run({"evaluate", "a", "--data-dir", "sets"}).out,
              HasSubstr("statistics recalibrated over 64 images"));
}

TEST_P(AveragedWeights, AreExaminedByTheDoctor) {
  ASSERT_EQ(trained_.code, 0) << trained_.err;
  const Outcome outcome = line_.run({"doctor", "a", "--data-dir", "sets", "--fail-on", "error"});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("tiny after step 30, on training images of mnist"));
}

TEST_P(AveragedWeights, GoOnToTheSameBytes) {
  ASSERT_EQ(trained_.code, 0) << trained_.err;
  const std::string last = "step-00000030.safetensors";
  const ByteVector whole = line_.bytes("a/" + last);
  fs::remove(line_.path("a") / last);
  ASSERT_EQ(line_.run({"train", "--resume", "a", "--data-dir", "sets"}).code, 0);
  EXPECT_EQ(line_.bytes("a/" + last), whole);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, AveragedWeights,
    ::testing::Values(Average{"ema",
                              {"--set", "train.average=ema", "--set", "train.average_keep=0.9"}},
                      Average{"swa",
                              {"--set", "train.average=swa", "--set", "train.average_start=5",
                               "--set", "train.average_every=5"}}),
    [](const auto& info) { return info.param.name; });

// Of the training batch behind `step` steps.
double rate_at(const std::vector<MetricsRow>& rows, std::int64_t step) {
  for (const MetricsRow& row : rows)
    if (row.event == "batch" && row.step == step) return row.learning_rate;
  return 0;
}

TEST(TrainingFeatures, APlateauLowersTheRateAndTheMetricsShowIt) {
  RecipeRun line;
  line.write("slow.toml",
             std::string(kSlow) + "[schedule]\nname = \"plateau\"\nfactor = 0.5\npatience = 0\n");
  const Outcome outcome = line.train("slow.toml", "a");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto rows = read_metrics(line.path("a"));
  EXPECT_DOUBLE_EQ(rate_at(rows, 1), 1e-7);
  EXPECT_DOUBLE_EQ(rate_at(rows, 30), 1e-7);  // the first look is the best so far
  EXPECT_DOUBLE_EQ(rate_at(rows, 31), 5e-8);
  EXPECT_DOUBLE_EQ(rate_at(rows, 46), 2.5e-8);
}

TEST(TrainingFeatures, ARunThatGetsNoBetterEndsEarlyAndSaysSo) {
  RecipeRun line;
  line.write("slow.toml", std::string(kSlow) + "[stop]\npatience = 2\n");
  const Outcome outcome = line.train("slow.toml", "a", {"--epochs", "50"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json best = json::parse(line.text("a/best.json"));
  const std::string kept = "a/" + best.at("checkpoint").get<std::string>();
  EXPECT_TRUE(fs::exists(line.path(kept)));
  const std::string said =
      "Stopped early after step 45: 2 looks in a row at the validation images without a better "
      "one; the best checkpoint is " +
      kept;
  EXPECT_THAT(outcome.err, HasSubstr(said));
  EXPECT_THAT(line.text("a/log.txt"), HasSubstr(said));
  EXPECT_TRUE(fs::exists(line.path("a/step-00000045.safetensors")));
  EXPECT_FALSE(fs::exists(line.path("a/step-00000060.safetensors")));
  EXPECT_EQ(line.run({"evaluate", kept, "--data-dir", "sets"}).code, 0);

  // It stays ended, and says it to programs too.
  const Outcome again = line.run({"train", "--resume", "a", "--data-dir", "sets", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  const json done = last_object(again.out);
  EXPECT_EQ(done.at("stopped_early"), true);
  EXPECT_EQ(done.at("steps"), 45);
  EXPECT_EQ(done.at("best"), kept);
}

TEST(TrainingFeatures, ARunThatComesToItsEndSaysNothingOfStopping) {
  RecipeRun line;
  const Outcome outcome = line.train("tiny.toml", "a", {"--epochs", "1", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(last_object(outcome.out).at("stopped_early"), false);
  EXPECT_THAT(line.text("a/log.txt"), Not(HasSubstr("Stopped early")));
}

TEST(TrainingFeatures, ClassWeightsAreOneAClass) {
  RecipeRun line;
  line.write("weighted.toml", std::string(kSlow) + "[stop]\nmetric = \"loss\"\n");
  const Outcome few = line.train("weighted.toml", "a", {"--set", "train.class_weights=[1, 2]"});
  EXPECT_EQ(few.code, 2);
  EXPECT_THAT(few.err, AllOf(HasSubstr("[--set train.class_weights] expected 10 numbers, one for "
                                       "each class"),
                             HasSubstr("got 2")));
  EXPECT_FALSE(fs::exists(line.path("a")));
  const Outcome good =
      line.train("weighted.toml", "a",
                 {"--epochs", "1", "--set", "train.class_weights=[1,1,1,1,1,1,1,1,1,3]"});
  EXPECT_EQ(good.code, 0) << good.err;
}

}  // namespace
}  // namespace evenkeel::test
