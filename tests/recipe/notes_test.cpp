// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Recipe noted_recipe(const std::string& text) { return make_recipe(parse_settings(text, "r.toml")); }

std::string refusal_to_resume(const Recipe& before, const std::string& set) {
  try {
    resumed_with(before, {parse_set(set)});
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing";
}

TEST(RecipeNotes, BringTheRecipeBack) {
  const Recipe recipe = noted_recipe(R"(
model.name = "true"
model.layers = [{type = "flatten"}, {type = "dense", units = 10}]
augment.flip = true
augment.rotate = 7.5
train.lr = 0.125
train.class_weights = [1, 2, 3]
train.label_smoothing = 0.1
data.name = "12"
)");
  EXPECT_EQ(from_notes(to_notes(recipe)), recipe);
}

TEST(RecipeNotes, OfTheDefaultAreThoseOfOlderVersions) {
  const Notes notes = to_notes(Recipe{});
  for (const auto& [key, value] : notes) EXPECT_EQ(key.find('.'), std::string::npos) << key;
  EXPECT_EQ(notes.at("model"), "mnist-cnn");
  EXPECT_EQ(notes.at("learning_rate"), "0.001");
  EXPECT_EQ(notes.at("nesterov"), "false");
  EXPECT_EQ(notes.count("data"), 0U);
}

TEST(RecipeNotes, MissingOnesHaveTheirDefaults) {
  const Recipe recipe = from_notes({{"model", "mlp"}, {"optimizer", "sgd"}});
  EXPECT_EQ(recipe.model, "mlp");
  EXPECT_EQ(recipe.learning_rate, 0.01);
  EXPECT_EQ(recipe.epochs, 10);
}

TEST(RecipeNotes, DamagedOnesAreBadData) {
  EXPECT_THROW(from_notes({{"epochs", "many"}}), DataError);
  EXPECT_THROW(from_notes({{"optimizer", "magic"}}), InvalidArgument);
  EXPECT_THROW(from_notes({{"augment.flip", "perhaps"}}), DataError);
}

TEST(RecipeNotes, AResumedRunKeepsWhatItsCourseDependsOn) {
  const Recipe before;
  EXPECT_THAT(refusal_to_resume(before, "train.batch=64"),
              HasSubstr("[--set train.batch] expected 128, with which the run was trained so far, "
                        "got 64; leave it out, or start a new run"));
  EXPECT_THAT(refusal_to_resume(before, "augment.flip=true"), HasSubstr("expected false"));
  EXPECT_THAT(refusal_to_resume(before, "data.name=kmnist"), HasSubstr("expected none"));
  EXPECT_THAT(refusal_to_resume(before, "model.layers=[{type=\"relu\"}]"),
              HasSubstr("expected none"));
  EXPECT_EQ(refusal_to_resume(before, "train.batch=128"), "nothing");
}

TEST(RecipeNotes, DifferInWhatBothSayAndARunKeeps) {
  Recipe recipe;
  const Notes there = to_notes(recipe);
  EXPECT_EQ(difference_of(there, there), "");
  recipe.epochs = 20;  // may change
  recipe.learning_rate = 0.5;
  recipe.flip = true;  // of which the others say nothing
  EXPECT_EQ(difference_of(there, to_notes(recipe)), "");
  recipe.batch = 64;
  EXPECT_EQ(difference_of(there, to_notes(recipe)), "train.batch = 128 there, 64 here");
  EXPECT_EQ(difference_of({}, to_notes(recipe)), "");
}

TEST(RecipeNotes, AResumedRunMayGoOnLongerOrSlower) {
  const Recipe recipe = resumed_with(
      Recipe{},
      {parse_set("train.epochs=20"), parse_set("train.lr=0.0001"), parse_set("run.log_every=5")});
  EXPECT_EQ(recipe.epochs, 20);
  EXPECT_EQ(recipe.learning_rate, 0.0001);
  EXPECT_EQ(recipe.log_every, 5);
}

}  // namespace
}  // namespace evenkeel
