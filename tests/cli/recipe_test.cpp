// SPDX-License-Identifier: Apache-2.0
// Runs that a recipe describes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/recipe_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RecipeCommand, TheResolvedRecipeTrainsToTheSameBytes) {
  RecipeRun line;
  const Outcome first = line.train("tiny.toml", "a", {"--set", "train.lr=0.01", "--seed", "5"});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(line.text("a/recipe.toml"), HasSubstr("lr = 0.01"));
  EXPECT_THAT(line.text("a/recipe.toml"), HasSubstr("seed = 5"));
  const Outcome second = line.train("a/recipe.toml", "b");
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(line.bytes("b/step-00000030.safetensors"), line.bytes("a/step-00000030.safetensors"));
  EXPECT_EQ(line.text("b/recipe.toml"), line.text("a/recipe.toml"));
  EXPECT_EQ(second.out.substr(0, second.out.find("Checkpoint")),
            first.out.substr(0, first.out.find("Checkpoint")));
}

TEST(RecipeCommand, FlagsCountOverSetAndSetOverTheFile) {
  RecipeRun line;
  const Outcome outcome =
      line.train("tiny.toml", "a",
                 {"--set", "train.epochs=1", "--set", "train.batch=16", "--batch", "32", "--set",
                  "train.lr=1", "--set", "train.lr=0.5"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string recipe = line.text("a/recipe.toml");
  EXPECT_THAT(recipe, HasSubstr("epochs = 1\n"));
  EXPECT_THAT(recipe, HasSubstr("batch = 32\n"));
  EXPECT_THAT(recipe, HasSubstr("lr = 0.5\n"));
}

TEST(RecipeCommand, AResumedRunIsThatOfTheUninterruptedOne) {
  RecipeRun line;
  ASSERT_EQ(line.train("tiny.toml", "whole").code, 0);
  // Another rhythm of saving, and a run that ends in mid-epoch is gone on with from there.
  ASSERT_EQ(line.train("tiny.toml", "parts", {"--save-every", "7"}).code, 0);
  for (const auto& entry : fs::directory_iterator(line.path("parts"))) {
    const std::string name = entry.path().filename();
    if (name.starts_with("step-") && name > "step-00000022") fs::remove(entry.path());
  }
  const Outcome resumed =
      line.run({"train", "tiny.toml", "--resume", "parts", "--data-dir", "sets"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(line.bytes("parts/step-00000030.safetensors"),
            line.bytes("whole/step-00000030.safetensors"));
}

TEST(RecipeCommand, ACheckpointOfAnotherRecipeIsRefused) {
  RecipeRun line;
  ASSERT_EQ(line.train("tiny.toml", "a", {"--epochs", "1"}).code, 0);
  const Outcome outcome = line.run(
      {"train", "tiny.toml", "--set", "augment.shift=1", "--resume", "a", "--data-dir", "sets"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--set augment.shift"));
  EXPECT_THAT(outcome.err, HasSubstr("expected 2, with which the run was trained so far, got 1"));
}

TEST(RecipeCommand, FaultsOfARecipeEndWithTwoAndItsPlace) {
  RecipeRun line;
  line.write("bad.toml", "[train]\nepochs = 1\nlrr = 0.1\n");
  const Outcome outcome = line.train("bad.toml", "a");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("bad.toml:3:7"));
  EXPECT_THAT(outcome.err, HasSubstr("did you mean 'train.lr'?"));
  EXPECT_FALSE(fs::exists(line.path("a")));
  EXPECT_EQ(line.train("nowhere.toml", "a").code, 2);
  EXPECT_EQ(line.train("tiny.toml", "a", {"--set", "train.lr"}).code, 2);
  EXPECT_EQ(line.train("tiny.toml", "a", {"--set", "train.epochs=few"}).code, 2);
  EXPECT_FALSE(fs::exists(line.path("a")));
}

TEST(RecipeCommand, AnUnknownDataSetIsToldWithItsPlaceAndTheNearest) {
  RecipeRun line;
  line.write("bad.toml", "[data]\nname = \"mnsit\"\n");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"recipe", "check", "bad.toml"}, {"train", "bad.toml", "--out", "a"}}) {
    const Outcome outcome = line.run(words);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("[bad.toml:2:8] data.name: expected one of mnist, "));
    EXPECT_THAT(outcome.err, HasSubstr("did you mean 'mnist'?"));
  }
  EXPECT_FALSE(fs::exists(line.path("a")));
  EXPECT_THAT(line.run({"recipe", "check", "tiny.toml", "--set", "data.name=kminst"}).err,
              HasSubstr("[--set data.name] expected one of"));
  EXPECT_EQ(line.run({"recipe", "show", "bad.toml"}).code, 0);
}

TEST(RecipeCommand, ADataSetAtAPathMayBeMissingWhereItIsChecked) {
  RecipeRun line;
  for (const char* data : {"kmnist", "elsewhere/images", "images.npz", "sets"})
    EXPECT_EQ(
        line.run({"recipe", "check", "tiny.toml", "--set", std::string("data.name=") + data}).code,
        0)
        << data;
}

TEST(RecipeCommand, CheckBuildsTheNetworkAndShowSaysEveryKey) {
  RecipeRun line;
  const Outcome check = line.run({"recipe", "check", "tiny.toml"});
  EXPECT_EQ(check.code, 0) << check.err;
  EXPECT_THAT(check.out, HasSubstr("tiny.toml: good; tiny with"));
  line.write("big.toml",
             std::string(kTinyRecipe) + "[optimizer]\nname = \"sgd\"\nmomentum = 1.5\n");
  const Outcome bad = line.run({"recipe", "check", "big.toml"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, HasSubstr("big.toml:"));
  EXPECT_THAT(bad.err, HasSubstr("below 1"));

  const Outcome show = line.run({"recipe", "show", "tiny.toml", "--set", "train.lr=0.25"});
  EXPECT_EQ(show.code, 0);
  EXPECT_THAT(show.out, HasSubstr("lr = 0.25"));
  EXPECT_THAT(show.out, HasSubstr("weight_decay = 0.0"));
  line.write("shown.toml", show.out);
  EXPECT_EQ(line.run({"recipe", "show", "shown.toml"}).out, show.out);
  EXPECT_THAT(line.run({"recipe", "show", "mnist-99"}).out, HasSubstr("one-cycle"));
}

TEST(RecipeCommand, ShowsTheRecipeOfARun) {
  RecipeRun line;
  ASSERT_EQ(line.train("tiny.toml", "a", {"--epochs", "1"}).code, 0);
  const Outcome show = line.run({"recipe", "show", "a"});
  EXPECT_EQ(show.code, 0) << show.err;
  EXPECT_THAT(line.text("a/recipe.toml"), HasSubstr(show.out));
  fs::create_directories(line.path("empty"));
  EXPECT_EQ(line.run({"recipe", "show", "empty"}).code, 3);
}

TEST(RecipeCommand, SchemaIsThereInThreeForms) {
  CommandLine line;
  EXPECT_THAT(line.run({"recipe", "schema"}).out, HasSubstr("[optimizer]"));
  EXPECT_THAT(line.run({"recipe", "schema", "--json"}).out, HasSubstr("json-schema.org"));
  EXPECT_THAT(line.run({"recipe", "schema", "--markdown"}).out, HasSubstr("# Recipes"));
}

TEST(RecipeCommand, AFolderInUseIsRefused) {
  RecipeRun line;
  const pid_t first = line.start({"train", "tiny.toml", "--data-dir", "sets", "--out", "a",
                                  "--epochs", "100000", "--threads", "1", "--quiet"});
  while (!fs::exists(line.path("a/step-00000015.safetensors"))) ::usleep(10'000);
  CommandLine other;
  const Outcome second =
      other.run({"train", "--resume", line.path("a"), "--data-dir", line.path("sets").string()});
  ::kill(first, SIGKILL);
  line.finish(first);
  EXPECT_EQ(second.code, 2);
  EXPECT_THAT(second.err, HasSubstr("another process"));
  // The lock went with the process.
  const Outcome third = line.run({"train", "--resume", "a", "--data-dir", "sets", "--epochs", "1"});
  EXPECT_THAT(third.err, Not(HasSubstr("another process")));
}

}  // namespace
}  // namespace evenkeel::test
