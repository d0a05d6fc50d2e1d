// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/recipe/fields.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Recipe recipe_from(const std::string& text) { return make_recipe(parse_settings(text, "r.toml")); }

// What reading `text` is refused with.
std::string refusal(const std::string& text) {
  try {
    recipe_from(text);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing";
}

TEST(Recipe, AnEmptyFileIsTheDefault) { EXPECT_EQ(recipe_from(""), Recipe{}); }

TEST(Recipe, ReadsEachKindOfValue) {
  const Recipe recipe = recipe_from(R"(
[model]
name = "mlp"
width = 2
batch_norm = false
[data]
name = "fashion-mnist"
validation = 0.2
[train]
epochs = 3
lr = 1e-2
seed = 7
class_weights = [1, 2.5]
freeze = "dense1"
[run]
save_every = 500
)");
  EXPECT_EQ(recipe.model, "mlp");
  EXPECT_EQ(recipe.width, 2);
  EXPECT_FALSE(recipe.batch_norm);
  EXPECT_EQ(recipe.data, "fashion-mnist");
  EXPECT_EQ(recipe.validation, 0.2);
  EXPECT_EQ(recipe.epochs, 3);
  EXPECT_EQ(recipe.learning_rate, 0.01);
  EXPECT_EQ(recipe.seed, 7U);
  EXPECT_EQ(recipe.class_weights, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(recipe.freeze, std::vector<std::string>{"dense1"});
  EXPECT_EQ(recipe.save_every, "500");
}

TEST(Recipe, AnOptimiserBringsItsRateUnlessOneIsGiven) {
  EXPECT_EQ(recipe_from("optimizer.name = \"sgd\"").learning_rate, 0.01);
  EXPECT_EQ(recipe_from("optimizer.name = \"muon\"").learning_rate, 0.02);
  EXPECT_EQ(recipe_from("optimizer.name = \"sgd\"\ntrain.lr = 0.5").learning_rate, 0.5);
  EXPECT_EQ(recipe_from("optimizer.name = \"adamw\"").weight_decay, 0.01);
  EXPECT_EQ(recipe_from("model.name = \"mnist-99\"").schedule, "one-cycle");
}

TEST(Recipe, AnUnknownKeyIsToldWithLineColumnAndTheNearest) {
  EXPECT_EQ(refusal("[train]\nlrr = 0.1\n"),
            "[r.toml:2:7] unknown key 'train.lrr'; did you mean 'train.lr'?");
  EXPECT_THAT(refusal("[train]\nlearning_rate = 0.1\n"), HasSubstr("did you mean 'train.lr'?"));
  EXPECT_THAT(refusal("[optimiser]\nname = \"sgd\"\n"), HasSubstr("'optimizer.name'"));
}

TEST(Recipe, AValueOfAnotherTypeIsToldWithLineAndColumn) {
  EXPECT_EQ(refusal("[train]\nepochs = 1\nlr = \"fast\"\n"),
            "[r.toml:3:6] train.lr: expected a finite number, got \"fast\"");
  EXPECT_THAT(refusal("train.epochs = 1.5"), HasSubstr("a whole number of at least 0, got 1.5"));
  EXPECT_THAT(refusal("train.epochs = -1"), HasSubstr("a whole number of at least 0, got -1"));
  EXPECT_THAT(refusal("train.lr = inf"), HasSubstr("a finite number, got inf"));
  EXPECT_THAT(refusal("augment.flip = 1"), HasSubstr("true or false, got 1"));
  EXPECT_THAT(refusal("data.name = 3"), HasSubstr("a text, got 3"));
  EXPECT_THAT(refusal("train.class_weights = [\"a\"]"), HasSubstr("a list of numbers"));
  EXPECT_THAT(refusal("train.lr = 2020-01-01"), HasSubstr("got a date or time"));
  EXPECT_THAT(refusal("train.class_weights = [1, \"a\"]"), HasSubstr("all of one kind"));
  EXPECT_THAT(refusal("model.layers = 3"), HasSubstr("a list of tables"));
}

TEST(Recipe, WhatIsNoTomlIsToldWithLineAndColumn) {
  EXPECT_THAT(refusal("[train]\nlr = = 1\n"), HasSubstr("[r.toml:2:6] expected TOML"));
  EXPECT_THAT(refusal("[train\n"), HasSubstr("[r.toml:1:"));
  EXPECT_THAT(refusal("a = 1\na = 2\n"), HasSubstr("[r.toml:2:"));
  EXPECT_THAT(refusal(std::string("\xff\xfe", 2)), HasSubstr("r.toml"));
}

TEST(Recipe, ANameThatIsNoneOfTheKnownIsToldWithTheNearest) {
  EXPECT_THAT(refusal("schedule.name = \"cosin\""), HasSubstr("did you mean 'cosine'?"));
  EXPECT_THAT(refusal("optimizer.name = \"adamm\""), HasSubstr("adam"));
  EXPECT_THAT(refusal("train.average = \"mean\""), HasSubstr("none, ema, swa"));
}

TEST(Recipe, ExactStatisticsOverMicroBatchesAreTheBigBatch) {
  EXPECT_THAT(refusal("train.accumulate_batch_norm = \"exact\""), HasSubstr("use the big batch"));
  EXPECT_EQ(recipe_from("train.accumulate_batch_norm = \"per_micro_batch\"").accumulate, 1);
}

TEST(Recipe, ValuesThatMakeNoSenseAreToldAtTheirPlace) {
  EXPECT_EQ(refusal("[train]\nlr = 0\n"),
            "[r.toml:2:6] train.lr: expected a finite number above 0, got 0");
  EXPECT_THAT(refusal("train.batch = 0"), HasSubstr("at least 1, got 0"));
  EXPECT_THAT(refusal("optimizer.momentum = 0.9"), HasSubstr("sgd, rmsprop or muon"));
  EXPECT_THAT(refusal("schedule.name = \"step\""), HasSubstr("schedule.every"));
  EXPECT_THAT(refusal("schedule.every = 5"), HasSubstr("leave it out"));
  EXPECT_THAT(refusal("train.average = \"ema\""), HasSubstr("recalibrated"));
  EXPECT_THAT(refusal("train.label_smoothing = 1.0"), HasSubstr("below 1"));
  EXPECT_THAT(refusal("train.loss = \"mean_squared_error\"\ntrain.label_smoothing = 0.1"),
              HasSubstr("softmax_cross_entropy"));
  EXPECT_THAT(refusal("schedule.name = \"plateau\"\nrun.eval_every = 0"), HasSubstr("eval_every"));
  EXPECT_THAT(refusal("stop.patience = 2\nrun.eval_every = 0"), HasSubstr("eval_every"));
  EXPECT_THAT(refusal("run.save_every = \"soon\""), HasSubstr("60s"));
  EXPECT_THAT(refusal("train.statistics = \"recalibrated:0\""), HasSubstr("at least 1"));
}

TEST(Recipe, AMissingFileIsToldByName) {
  EXPECT_THROW(read_settings("/nowhere/recipe.toml"), InvalidArgument);
  EXPECT_THROW(read_settings("/"), InvalidArgument);
}

TEST(Recipe, SetTakesTomlOrATextWithoutQuotes) {
  EXPECT_EQ(std::get<double>(parse_set("train.lr=0.01").value), 0.01);
  EXPECT_EQ(std::get<std::int64_t>(parse_set("train.batch=64").value), 64);
  EXPECT_EQ(std::get<std::string>(parse_set("model.name=mnist-99").value), "mnist-99");
  EXPECT_EQ(std::get<std::string>(parse_set("model.name=\"a b\"").value), "a b");
  EXPECT_EQ(std::get<std::string>(parse_set("data.name=a=b").value), "a=b");
  EXPECT_EQ(std::get<bool>(parse_set("augment.flip=true").value), true);
  EXPECT_EQ(parse_set("train.lr=1").place, "--set train.lr");
  EXPECT_THROW(parse_set("train.lr"), InvalidArgument);
  EXPECT_THROW(parse_set("=1"), InvalidArgument);
  // Not a door to more than one key.
  EXPECT_EQ(std::get<std::string>(parse_set("model.name=1\nb=2").value), "1\nb=2");
}

TEST(Recipe, TheLastOfAKeyCounts) {
  std::vector<Setting> settings = parse_settings("train.lr = 0.1", "r.toml");
  settings.push_back(parse_set("train.lr=0.2"));
  EXPECT_EQ(make_recipe(settings).learning_rate, 0.2);
}

TEST(Recipe, WrittenItReadsBackTheSame) {
  const std::string text = R"(
model.name = "quote \" and \\ and \u00e9"
model.layers = [{type = "dense", units = 3, activation = "relu"}, {type = "relu"}]
data.name = "a/b"
data.validation = 0.25
train.seed = "18446744073709551615"
train.lr = 1e-7
train.class_weights = [0.5, 2]
train.freeze = ["a", "b*"]
optimizer.name = "sgd"
optimizer.momentum = 0.9
schedule.name = "step"
schedule.every = 10
)";
  const Recipe recipe = recipe_from(text);
  EXPECT_EQ(recipe.seed, 18446744073709551615U);
  EXPECT_EQ(recipe_from(to_toml(recipe)), recipe);
  EXPECT_EQ(recipe_from(to_toml(Recipe{})), Recipe{});
}

TEST(Recipe, ResolvedSaysEveryKeyThatHasAValue) {
  const std::string text = to_toml(Recipe{});
  const std::string read_back = to_toml(recipe_from(text));
  EXPECT_EQ(read_back, text);
  std::set<std::string> keys;
  for (const Setting& setting : parse_settings(text, "r.toml")) keys.insert(setting.key);
  const Recipe recipe;
  for_each_field(recipe, [&](const RecipeField& field, const auto&) {
    const bool may_be_none = field.key == "data.name" || field.key == "model.layers" ||
                             field.key == "data.validation" || field.key == "data.test" ||
                             field.key == "data.loaders" || field.key == "train.class_weights" ||
                             field.key == "train.freeze";
    EXPECT_EQ(keys.count(std::string(field.key)), may_be_none ? 0U : 1U) << field.key;
  });
}

TEST(Recipe, KeysAndNotesAreEachThereOnce) {
  std::set<std::string_view> keys;
  std::set<std::string_view> notes;
  std::size_t with_notes = 0;
  const Recipe recipe;
  for_each_field(recipe, [&](const RecipeField& field, const auto&) {
    EXPECT_TRUE(keys.insert(field.key).second) << field.key;
    if (field.note.empty()) return;
    ++with_notes;
    EXPECT_TRUE(notes.insert(field.note).second) << field.note;
  });
  EXPECT_GT(with_notes, 40U);
}

}  // namespace
}  // namespace evenkeel
