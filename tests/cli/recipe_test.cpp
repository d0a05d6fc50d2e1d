// SPDX-License-Identifier: Apache-2.0
// Runs that a recipe describes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTiny = R"(
[model]
name = "tiny"
layers = [
  {type = "max_pool2d", window = 4},
  {type = "flatten"},
  {type = "batch_norm"},
  {type = "dropout", rate = 0.25},
  {type = "dense", units = 16, activation = "relu"},
  {type = "dense", units = 10},
]
[data]
name = "mnist"
[augment]
shift = 2
[train]
epochs = 2
batch = 8
[run]
log_every = 5
)";

class RecipeRun : public CommandLine {
 public:
  RecipeRun() {
    write_idx_set(path("sets"), "mnist", 132, 20);
    write("tiny.toml", kTiny);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
  }
  Outcome train(const std::string& recipe, const std::string& out,
                const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"train",     recipe, "--data-dir", "sets",
                                      "--threads", "1",    "--out",      out};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  ByteVector bytes(const std::string& name) const { return read_bytes(path(name)); }
  std::string text(const std::string& name) const {
    const ByteVector all = bytes(name);
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }
};

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

TEST(RecipeCommand, CheckBuildsTheNetworkAndShowSaysEveryKey) {
  RecipeRun line;
  const Outcome check = line.run({"recipe", "check", "tiny.toml"});
  EXPECT_EQ(check.code, 0) << check.err;
  EXPECT_THAT(check.out, HasSubstr("tiny.toml: good; tiny with"));
  line.write("big.toml", std::string(kTiny) + "[optimizer]\nname = \"sgd\"\nmomentum = 1.5\n");
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

// Each for a few steps, on small sets in the format of the real ones.
TEST(ShippedRecipes, Train) {
  RecipeRun line;
  write_idx_set(line.path("sets"), "fashion-mnist", 132, 20);
  for (const auto& entry : fs::directory_iterator(fs::path(kSourceDir) / "recipes")) {
    if (entry.path().stem() == "resnet20") continue;  // its data have a test of their own
    const std::string out = entry.path().stem();
    const Outcome outcome = line.train(
        entry.path(), out, {"--epochs", "1", "--batch", "64", "--set", "run.log_every=0"});
    EXPECT_EQ(outcome.code, 0) << entry.path() << outcome.err;
    EXPECT_TRUE(fs::exists(line.path(out) / "recipe.toml"));
  }
}

}  // namespace
}  // namespace evenkeel::test
