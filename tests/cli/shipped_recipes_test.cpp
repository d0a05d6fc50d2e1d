// SPDX-License-Identifier: Apache-2.0
// Each recipe under recipes/ trains for a few steps, on a small set in the format of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "evenkeel/train/run_folder.h"
#include "tests/cli/recipe_run.h"
#include "tests/support/cifar_files.h"
#include "tests/support/image_folders.h"
#include "tests/support/npz_files.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using Flags = std::vector<std::string>;

// What makes each small, beside one epoch of batches of 16.
const std::map<std::string, Flags>& on_grey_images() {
  static const std::map<std::string, Flags> recipes = {
      {"fashion-cnn", {}},
      {"fashion-from-mnist", {}},
      {"ioffe2015", {}},
      {"kmnist-cnn", {}},
      {"mnist-99", {}},
      {"mnist-cnn", {}},
      {"mnist-cnn-bn", {}},
      {"mnist-muon", {"--set", "train.average_start=2", "--set", "train.average_every=1"}},
      {"mnist-npz", {}},
      {"own-images", {}}};
  return recipes;
}

const std::map<std::string, Flags>& on_photographs() {
  static const std::map<std::string, Flags> recipes = {{"cifar100-large-batch", {"--batch", "4"}},
                                                       {"resnet20", {}}};
  return recipes;
}

fs::path folder_of_recipes() { return fs::path(kSourceDir) / "recipes"; }

void expect_trained(RecipeRun& line, const std::string& recipe, const Flags& more) {
  Flags words = {"--epochs", "1", "--set", "run.log_every=0"};
  if (std::find(more.begin(), more.end(), "--batch") == more.end())
    words.insert(words.end(), {"--batch", "16"});
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = line.train(folder_of_recipes() / (recipe + ".toml"), recipe, words);
  EXPECT_EQ(outcome.code, 0) << recipe << ": " << outcome.err;
  EXPECT_TRUE(fs::exists(line.path(recipe) / "recipe.toml")) << recipe;
  EXPECT_FALSE(checkpoints_in(line.path(recipe)).empty()) << recipe;
}

TEST(ShippedRecipes, AreAllTrainedHere) {
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(folder_of_recipes()))
    there.insert(entry.path().stem());
  std::set<std::string> trained;
  for (const auto* recipes : {&on_grey_images(), &on_photographs()})
    for (const auto& [recipe, words] : *recipes) trained.insert(recipe);
  EXPECT_EQ(there, trained) << "a new recipe gets a row above, and its data in a test below";
}

TEST(ShippedRecipes, TrainOnGreyImages) {
  RecipeRun line;
  for (const char* name : {"fashion-mnist", "kmnist"})
    write_idx_set(line.path("sets"), name, 132, 20);
  write_npz(line.path("mnist.npz"), 132, 20);
  write_classes(line.path("images"), {"good", "scratched"}, 40, 0, 28);
  // What fashion-from-mnist says is to be trained before it.
  const Outcome digits = line.train(folder_of_recipes() / "mnist-cnn.toml", "runs/digits",
                                    {"--epochs", "1", "--batch", "16", "--log-every", "0"});
  ASSERT_EQ(digits.code, 0) << digits.err;
  for (const auto& [recipe, words] : on_grey_images()) expect_trained(line, recipe, words);
}

TEST(ShippedRecipes, TrainOnPhotographs) {
  RecipeRun line;
  write_cifar10(line.path("sets"), 24, 10);
  write_cifar100(line.path("sets"), 120, 10);
  for (const auto& [recipe, words] : on_photographs()) expect_trained(line, recipe, words);
}

// The convolutions of the first run are those of the second, and the rest is its own.
TEST(ShippedRecipes, FineTuningKeepsTheConvolutionsOfTheRunBefore) {
  RecipeRun line;
  write_idx_set(line.path("sets"), "fashion-mnist", 132, 20, 3);
  const std::vector<std::string> small = {
      "--epochs", "1", "--batch", "16", "--set", "model.width=0.1", "--log-every", "0"};
  ASSERT_EQ(line.train(folder_of_recipes() / "mnist-cnn.toml", "runs/digits", small).code, 0);
  const Outcome outcome =
      line.train(folder_of_recipes() / "fashion-from-mnist.toml", "clothes", small);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("tensors matched, 0 missing"));
  const Checkpoint digits = Checkpoint::read(checkpoints_in(line.path("runs/digits")).front());
  const Checkpoint clothes = Checkpoint::read(checkpoints_in(line.path("clothes")).front());
  for (const char* kept : {"conv1/kernel", "conv1/bias", "conv2/kernel", "conv2/bias"})
    EXPECT_EQ(clothes.tensors.at(kept), digits.tensors.at(kept)) << kept;
  for (const char* learnt : {"bn1/moving_mean", "dense1/kernel", "dense2/kernel"})
    EXPECT_NE(clothes.tensors.at(learnt), digits.tensors.at(learnt)) << learnt;
}

}  // namespace
}  // namespace evenkeel::test
