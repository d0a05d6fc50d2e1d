// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/build.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/fields.h"
#include "evenkeel/recipe/schema.h"
#include "evenkeel/train/evaluate.h"
#include "tests/support/paths.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

bool has_batch_norm(const Model& model) {
  for (const Node& node : model.graph().nodes())
    if (std::holds_alternative<BatchNorm>(node.op)) return true;
  return false;
}

TEST(RecipeNetwork, ByNameIsTheReadyOne) {
  EXPECT_EQ(model_of(Recipe{}).graph(), network("mnist-cnn").graph());
}

TEST(RecipeNetwork, WithoutBatchNormKeepsItsShift) {
  for (const std::string& name : network_names()) {
    Recipe recipe;
    recipe.model = name;
    recipe.batch_norm = false;
    const Model model = model_of(recipe);
    EXPECT_FALSE(has_batch_norm(model)) << name;
    EXPECT_EQ(model.classes(), 10);
  }
  Recipe recipe;
  recipe.batch_norm = false;
  const Model model = model_of(recipe);
  const Graph& graph = model.graph();
  EXPECT_FALSE(graph.contains("bn1/gamma"));
  EXPECT_FALSE(graph.contains("bn1/moving_mean"));
  EXPECT_TRUE(graph.contains("bn1/bias"));
}

TEST(RecipeNetwork, WidthAndDepthChangeItsSize) {
  Recipe recipe;
  recipe.width = 0.5;
  const Model half_wide = model_of(recipe);
  const Graph& half = half_wide.graph();
  EXPECT_EQ(half.type({half.find("conv1/kernel"), 0}).shape, (Shape{5, 5, 1, 16}));
  recipe.depth = 2;
  EXPECT_THROW(model_of(recipe), InvalidArgument);
  recipe.model = "mlp";
  recipe.depth = 3;
  const Model deeper = model_of(recipe);
  const Graph& deep = deeper.graph();
  EXPECT_EQ(deep.type({deep.find("dense3/kernel"), 0}).shape, (Shape{256, 256}));
  EXPECT_TRUE(deep.contains("dense4/kernel"));
}

TEST(RecipeNetwork, ByTensorFlowsRuleCountsNoUpdates) {
  Recipe recipe;
  recipe.statistics_rule = "tensorflow";
  EXPECT_EQ(model_of(recipe).graph(), mnist_cnn(true).graph());
}

TEST(RecipeOptimizer, EveryKindIsListedAndMade) {
  std::string names;
  for (const std::string& name : optimizer_names()) {
    names += (names.empty() ? "" : ", ") + name;
    Recipe recipe;
    recipe.optimizer = name;
    if (name == "muon") recipe.momentum = 0.9;
    EXPECT_EQ(name_of(optimizer_of(recipe)), name);
  }
  const Recipe recipe;
  for_each_field(recipe, [&](const RecipeField& field, const auto&) {
    if (field.key == "optimizer.name") {
      EXPECT_EQ(field.names, names);
    }
  });
}

TEST(RecipeCallbacks, LookByTheEvaluationThatTheyAreGiven) {
  Recipe recipe;
  recipe.schedule = "plateau";
  recipe.stop_patience = 1;
  int asked = 0;
  const auto worse_each_time = [&](Trainer&) {
    return Evaluation{.loss = static_cast<double>(++asked)};
  };
  Trainer trainer = test::small_trainer();
  const auto fit = [&](const Evaluate& validate) {
    return trainer.fit(
        test::small_data(),
        {.epochs = 9, .batch_size = 32, .callbacks = callbacks_of(recipe, validate)});
  };
  EXPECT_FALSE(fit(worse_each_time));
  EXPECT_EQ(trainer.completed_steps(), 20) << "two epochs, the second no better";
  EXPECT_EQ(asked, 4);
  trainer = test::small_trainer();
  asked = 0;
  EXPECT_FALSE(fit(once_a_step(worse_each_time)));
  EXPECT_EQ(asked, 2);
}

TEST(ShippedRecipes, AreGoodAndBuildTheirNetworks) {
  int recipes = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(test::kSourceDir) / "recipes")) {
    const Recipe recipe = make_recipe(read_settings(entry.path()));
    EXPECT_TRUE(has_batch_norm(model_of(recipe))) << entry.path();
    ++recipes;
  }
  EXPECT_GE(recipes, 6);
}

TEST(RecipeSchema, IsAJsonSchemaOfAllSections) {
  const auto schema = nlohmann::json::parse(schema_json());
  EXPECT_EQ(schema.at("properties").size(), 8U);
  EXPECT_EQ(schema["properties"]["train"]["properties"]["lr"]["default"], 0.001);
  EXPECT_EQ(schema["properties"]["schedule"]["properties"]["name"]["enum"].size(), 6U);
}

TEST(RecipeSchema, AsARecipeIsTheDefault) {
  EXPECT_EQ(make_recipe(parse_settings(schema_toml(), "schema")), Recipe{});
}

TEST(RecipeSchema, IsThePageInTheDocumentation) {
  std::ifstream file(fs::path(test::kSourceDir) / "docs" / "recipes.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), schema_markdown())
      << "make it anew: evenkeel recipe schema --markdown > docs/recipes.md";
}

}  // namespace
}  // namespace evenkeel
