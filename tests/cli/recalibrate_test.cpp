// SPDX-License-Identifier: Apache-2.0
// `recalibrate`, and `train --statistics`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/formats/safetensors.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using RecalibrateWords = std::vector<std::string>;

constexpr const char* kLastCheckpoint = "out/step-00000015.safetensors";
constexpr const char* kNew = "out/step-00000015-recalibrated.safetensors";

RecalibrateWords recalibrate(const std::string& checkpoint, const RecalibrateWords& more = {}) {
  RecalibrateWords words = {"recalibrate", checkpoint, "--data-dir", "sets", "--threads", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

json last_object(const Outcome& outcome) { return json::parse(lines_of(outcome.out).back()); }

TEST(Recalibrate, WritesAFileBesideThatEvaluatesAsItSays) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  const ByteVector before = run.bytes(kLastCheckpoint);
  const Outcome outcome = run.run(recalibrate("out"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("bn1"),
                                 HasSubstr("over 121 training images of mnist, "
                                           "in batches of 8"),
                                 HasSubstr("validation before: loss"),
                                 HasSubstr("validation after:  loss"), HasSubstr(kNew)));
  EXPECT_EQ(run.bytes(kLastCheckpoint), before);
  const auto old_file = SafetensorsFile::read(run.path(kLastCheckpoint));
  const auto new_file = SafetensorsFile::read(run.path(kNew));
  EXPECT_NE(old_file.tensor("bn1/moving_mean"), new_file.tensor("bn1/moving_mean"));
  EXPECT_EQ(old_file.tensor("dense1/kernel"), new_file.tensor("dense1/kernel"));
  const Outcome evaluated = run.run({"evaluate", kNew, "--data-dir", "sets"});
  EXPECT_THAT(evaluated.out, HasSubstr("statistics recalibrated over 121 images"));
  // A folder goes on meaning its newest checkpoint.
  EXPECT_THAT(run.run({"evaluate", "out", "--data-dir", "sets"}).out,
              HasSubstr("moving statistics"));
}

TEST(Recalibrate, SaysInJsonHowFarEachLayerMoved) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  const Outcome outcome =
      run.run(recalibrate(kLastCheckpoint, {"--json", "--samples", "60", "--batch", "16", "--seed",
                                            "3", "--out", "new"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 2U);
  const json layer = json::parse(lines[0]);
  EXPECT_EQ(layer.at("event"), "layer");
  EXPECT_EQ(layer.at("layer"), "bn1");
  EXPECT_EQ(layer.at("channels"), 49);
  EXPECT_EQ(layer.at("values_per_channel"), 64);
  EXPECT_GE(layer.at("largest_mean_shift"), layer.at("median_mean_shift"));
  const json object = json::parse(lines[1]);
  EXPECT_EQ(object.at("event"), "recalibrated");
  EXPECT_EQ(object.at("images"), 64);
  EXPECT_EQ(object.at("batch_size"), 16);
  EXPECT_EQ(object.at("out"), "new");
  const Outcome evaluated = run.run({"evaluate", "new", "--data-dir", "sets", "--split",
                                     "validation", "--json", "--threads", "1"});
  EXPECT_EQ(json::parse(evaluated.out).at("loss"), object.at("after").at("loss"));
  const Outcome old = run.run({"evaluate", kLastCheckpoint, "--data-dir", "sets", "--split",
                               "validation", "--json", "--threads", "1"});
  EXPECT_EQ(json::parse(old.out).at("loss"), object.at("before").at("loss"));
}

TEST(Recalibrate, GivesANetworkThatWasNeverTrainedStatistics) {
  TinyRun run;
  const Outcome outcome =
      run.run(recalibrate("start.safetensors", {"--data", "mnist", "--out", "new", "--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(last_object(outcome).at("before").is_null());
  EXPECT_EQ(run.run({"evaluate", "new", "--data", "mnist", "--data-dir", "sets"}).code, 0);
}

TEST(Recalibrate, MendsAVarianceBelowZero) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  ASSERT_EQ(run.run(recalibrate("out", {"--out", "good"})).code, 0);
  auto file = SafetensorsFile::read(run.path(kLastCheckpoint));
  file.tensors.at("bn1/moving_variance").values<float>()[2] = -1;
  const TensorViews views(file.tensors.begin(), file.tensors.end());
  write_safetensors(run.path("ill"), views, file.metadata);
  EXPECT_EQ(run.run({"evaluate", "ill", "--data-dir", "sets"}).code, 3);

  const Outcome outcome = run.run(recalibrate("ill", {"--out", "mended"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("bn1: 'bn1/moving_variance' expected finite values of at "
                                     "least 0, got -1.000000 at 2; its statistics begin anew"));
  EXPECT_THAT(outcome.out, HasSubstr("validation before: none"));
  const auto mended = SafetensorsFile::read(run.path("mended"));
  const auto good = SafetensorsFile::read(run.path("good"));
  for (const char* name : {"bn1/moving_mean", "bn1/moving_variance"})
    EXPECT_EQ(mended.tensor(name), good.tensor(name)) << name;
}

TEST(Recalibrate, TheSameAgainGivesTheSameBytes) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  ASSERT_EQ(run.run(recalibrate("out", {"--out", "a"})).code, 0);
  ASSERT_EQ(run.run(recalibrate("out", {"--out", "b"})).code, 0);
  EXPECT_EQ(run.bytes("a"), run.bytes("b"));
}

TEST(Recalibrate, NeverWritesOverAFile) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  ASSERT_EQ(run.run(recalibrate("out")).code, 0);
  const ByteVector before = run.bytes(kNew);
  for (const RecalibrateWords& more :
       {RecalibrateWords{}, RecalibrateWords{"--out", kLastCheckpoint}}) {
    const Outcome outcome = run.run(recalibrate("out", more));
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("--out"), HasSubstr("new file")));
  }
  EXPECT_EQ(run.bytes(kNew), before);
}

TEST(Recalibrate, WrongUseAndMissingFilesHaveTheirCodes) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  struct Case {
    RecalibrateWords words;
    int code;
    const char* text;
  };
  const std::vector<Case> cases = {
      {{"recalibrate"}, 2, "checkpoint is required"},
      {recalibrate("nowhere"), 3, "nowhere"},
      {recalibrate("start.safetensors"), 2, "--data"},
      {recalibrate("out", {"--data", "mnsit"}), 2, "did you mean 'mnist'?"},
      {recalibrate("out", {"--samples", "0"}), 2, "--samples"},
      {recalibrate("out", {"--samples", "many"}), 2, "--samples"},
      {recalibrate("out", {"--batch", "1"}), 2, "at least 2 values per channel"},
      {recalibrate("out", {"--kernels", "nativ"}), 2, "did you mean 'native'?"},
      {recalibrate("out", {"--sample", "10"}), 2, "did you mean '--samples'?"},
      {{"recalibrate", "out", "--data-dir", "elsewhere"}, 3, "mnist"},
  };
  for (const Case& wrong : cases) {
    const Outcome outcome = run.run(wrong.words);
    EXPECT_EQ(outcome.code, wrong.code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(wrong.text));
  }
  EXPECT_FALSE(fs::exists(run.path(kNew)));
}

TEST(Recalibrate, ANetworkWithoutBatchNormIsWrongUse) {
  TinyRun run;
  const Model bare =
      Sequential("bare", image(28, 28, 1).scale(1 / 255.0)).flatten().dense(10).build();
  Trainer(bare, softmax_cross_entropy(), Adam{}, {.threads = 1}).save(run.path("bare.safetensors"));
  const Outcome outcome = run.run(recalibrate("bare.safetensors", {"--data", "mnist"}));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("[bare]"), HasSubstr("no statistics to recalibrate")));
}

TEST(TrainStatistics, RecalibratedOnesAreSavedEvaluatedAndSaid) {
  TinyRun run;
  const Outcome outcome = run.run(TinyRun::train("out", 1, {"--statistics", "recalibrated:64"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("statistics recalibrated over 64 images"));
  const auto file = SafetensorsFile::read(run.path(kLastCheckpoint));
  EXPECT_NE(file.tensor("bn1/moving_mean"), file.tensor("state/run/bn1/moving_mean"));
  ASSERT_EQ(run.run(TinyRun::train("moving", 1)).code, 0);
  const auto moving = SafetensorsFile::read(run.path("moving/step-00000015.safetensors"));
  EXPECT_EQ(moving.tensor("bn1/moving_mean"), file.tensor("state/run/bn1/moving_mean"));
  const RecalibrateWords evaluate = {"evaluate", kLastCheckpoint, "--data-dir", "sets",
                                     "--json",   "--threads",     "1"};
  const json evaluated = json::parse(run.run(evaluate).out);
  EXPECT_EQ(evaluated.at("statistics"), "recalibrated:64");
  char loss[32];
  std::snprintf(loss, sizeof(loss), "loss = %.4f", evaluated.at("loss").get<double>());
  EXPECT_THAT(outcome.out, HasSubstr(loss));
}

TEST(TrainStatistics, RecalibratedOnesAreWhatARecalibrationIsHeldAgainst) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1, {"--statistics", "recalibrated"})).code, 0);
  const Outcome outcome = run.run(recalibrate("out", {"--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json layer = json::parse(lines_of(outcome.out)[0]);
  // Over the same images with the same weights: nothing moves, but for the rounding to f32.
  EXPECT_LT(layer.at("largest_mean_shift"), 1e-6);
  EXPECT_LT(layer.at("largest_deviation_ratio"), 1 + 1e-6);
  EXPECT_EQ(last_object(outcome).at("before").at("loss"),
            last_object(outcome).at("after").at("loss"));
}

TEST(TrainStatistics, RecalibratedOnesResumeToTheSameBytes) {
  TinyRun run;
  const RecalibrateWords with = {
      "--statistics", "recalibrated", "--save-every", "4", "--keep", "0"};
  ASSERT_EQ(run.run(TinyRun::train("whole", 2, with)).code, 0);
  fs::copy(run.path("whole"), run.path("parts"));
  for (const char* name :
       {"step-00000024.safetensors", "step-00000028.safetensors", "step-00000030.safetensors"})
    fs::remove(run.path("parts") / name);
  ASSERT_EQ(run.run(TinyRun::resume("parts")).code, 0);
  EXPECT_EQ(run.bytes("whole/step-00000030.safetensors"),
            run.bytes("parts/step-00000030.safetensors"));
  EXPECT_EQ(run.bytes("whole/best.json"), run.bytes("parts/best.json"));
}

TEST(TrainStatistics, MayChangeWithAResume) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  // The validation images are looked at again, with other statistics.
  const Outcome outcome =
      run.run(TinyRun::resume("out", {"--statistics", "recalibrated", "--epochs", "2", "--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(json::parse(lines_of(outcome.out)[0]).at("statistics"), "recalibrated:8192");
}

TEST(TrainStatistics, ThatAreNoneAreWrongUse) {
  TinyRun run;
  for (const auto& [given, text] : std::vector<std::pair<std::string, std::string>>{
           {"recalibratd", "did you mean 'recalibrated'?"},
           {"recalibrated:0", "at least 1"},
           {"recalibrated:", "at least 1"},
           {"recalibrated:1e3", "at least 1"},
           {"moving:5", "expected moving"}}) {
    const Outcome outcome = run.run(TinyRun::train("out", 1, {"--statistics", given}));
    EXPECT_EQ(outcome.code, 2) << given;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("--statistics"), HasSubstr(text)));
  }
  EXPECT_FALSE(fs::exists(run.path("out")));
}

}  // namespace
}  // namespace evenkeel::test
