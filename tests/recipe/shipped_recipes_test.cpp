// SPDX-License-Identifier: Apache-2.0
// What training can do is to be seen in a recipe that comes with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "evenkeel/recipe/recipe.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

// "schedule.name = \"plateau\"" and "schedule.name" for each setting of a recipe.
std::set<std::string> settings_of_all() {
  std::set<std::string> all;
  for (const auto& entry : fs::directory_iterator(fs::path(test::kSourceDir) / "recipes")) {
    for (const Setting& setting : read_settings(entry.path())) {
      all.insert(setting.key);
      all.insert(setting.key + " = " + to_toml(setting.value));
    }
  }
  return all;
}

TEST(ShippedRecipes, ShowEachFeatureOfTraining) {
  const std::set<std::string> settings = settings_of_all();
  for (const char* feature : {"schedule.name = \"step\"",
                              "schedule.name = \"exponential\"",
                              "schedule.name = \"cosine\"",
                              "schedule.name = \"one-cycle\"",
                              "schedule.name = \"plateau\"",
                              "schedule.warm_up",
                              "optimizer.name = \"adam\"",
                              "optimizer.name = \"adamw\"",
                              "optimizer.name = \"sgd\"",
                              "optimizer.name = \"adagrad\"",
                              "optimizer.name = \"muon\"",
                              "optimizer.momentum",
                              "train.accumulate",
                              "train.accumulate_batch_norm = \"per_micro_batch\"",
                              "train.label_smoothing",
                              "train.class_weights",
                              "train.average = \"ema\"",
                              "train.average = \"swa\"",
                              "train.init_from",
                              "train.freeze",
                              "stop.patience",
                              "augment.flip",
                              "augment.crop",
                              "augment.shift",
                              "augment.rotate",
                              "augment.cutout",
                              "data.normalise",
                              "data.validation",
                              "data.test"})
    EXPECT_TRUE(settings.contains(feature)) << feature;
}

TEST(ShippedRecipes, TakeDataOfEachKind) {
  const std::set<std::string> settings = settings_of_all();
  for (const char* data :
       {"mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100", "mnist.npz", "images/"})
    EXPECT_TRUE(settings.contains("data.name = \"" + std::string(data) + "\"")) << data;
}

TEST(ShippedRecipes, SayFirstWhatTheyShow) {
  for (const auto& entry : fs::directory_iterator(fs::path(test::kSourceDir) / "recipes")) {
    std::ifstream file(entry.path());
    std::string line;
    std::getline(file, line);
    EXPECT_THAT(line, ::testing::StartsWith("# ")) << entry.path();
  }
}

}  // namespace
}  // namespace evenkeel
