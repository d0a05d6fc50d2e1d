// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/recipe/build.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Recipe recipe_of_layers(const std::string& layers) {
  return make_recipe(parse_settings("model.layers = [" + layers + "]", "r.toml"));
}
Model built(const std::string& layers) { return model_of(recipe_of_layers(layers)); }

std::string layer_refusal(const std::string& layers) {
  try {
    built(layers);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing";
}

TEST(RecipeLayers, AreTheNetworkThatTheLibraryBuilds) {
  const Model model = built(R"(
    {type = "conv2d", filters = 8, kernel = [3, 5], padding = "same", activation = "relu"},
    {type = "batch_norm", keep = 0.99, epsilon = 1e-5}, {type = "max_pool2d", window = 2},
    {type = "flatten"}, {type = "dropout", rate = 0.5}, {type = "dense", units = 10})");
  const Model expected =
      Sequential("layers", image(28, 28, 1).scale(1 / 255.0))
          .conv2d(8, {3, 5}, {.padding = Padding::same, .activation = Activation::relu})
          .batch_norm({.epsilon = 1e-5, .decay = Decay::keep(0.99)})
          .max_pool2d(2)
          .flatten()
          .dropout(0.5)
          .dense(10)
          .build();
  EXPECT_EQ(model.graph(), expected.graph());
}

// Every type there is, so that none is forgotten.
TEST(RecipeLayers, EveryTypeCanBeBuilt) {
  const std::map<std::string_view, std::string> needed = {{"conv2d", ", filters = 4, kernel = 3"},
                                                          {"depthwise_conv2d", ", kernel = 3"},
                                                          {"max_pool2d", ", window = 2"},
                                                          {"avg_pool2d", ", window = 2"},
                                                          {"reshape", ", shape = [14, 56, 1]"},
                                                          {"group_norm", ", groups = 1"},
                                                          {"dense", ", units = 4"},
                                                          {"dropout", ", rate = 0.1"}};
  for (const LayerType& layer : layer_types()) {
    const auto more = needed.find(layer.type);
    std::string text = "{type = \"" + std::string(layer.type) + "\"";
    if (more != needed.end()) text += more->second;
    text += "}";
    if (layer.type == "dense" || layer.type == "layer_norm") text = "{type = \"flatten\"}, " + text;
    // A softmax in front of the cross-entropy is refused by the trainer alone.
    EXPECT_NO_THROW(built(text + ", {type = \"flatten\"}")) << text;
  }
}

TEST(RecipeLayers, WithoutADenseLayerAtTheEndOneFollows) {
  EXPECT_EQ(built("{type = \"flatten\"}").classes(), 10);
}

TEST(RecipeLayers, WidthMultipliesAllButTheLast) {
  Recipe recipe = recipe_of_layers(
      "{type = \"flatten\"}, {type = \"dense\", units = 10}, {type = \"dense\", units = 10}");
  recipe.width = 1.5;
  const Model model = model_of(recipe);
  const Graph& graph = model.graph();
  EXPECT_EQ(graph.type({graph.find("dense1/kernel"), 0}).shape, (Shape{784, 15}));
  EXPECT_EQ(graph.type({graph.find("dense2/kernel"), 0}).shape, (Shape{15, 10}));
}

TEST(RecipeLayers, WithoutBatchNormItIsLeftOut) {
  Recipe recipe = recipe_of_layers("{type = \"flatten\"}, {type = \"batch_norm\"}");
  EXPECT_TRUE(model_of(recipe).graph().contains("bn1/gamma"));
  recipe.batch_norm = false;
  EXPECT_FALSE(model_of(recipe).graph().contains("bn1/gamma"));
}

TEST(RecipeLayers, FaultsAreToldWithTheirPlace) {
  EXPECT_THAT(layer_refusal("{type = \"conv2s\"}"), HasSubstr("did you mean 'conv2d'?"));
  EXPECT_THAT(layer_refusal("{type = \"conv2s\"}"), HasSubstr("[r.toml:1:17]"));
  EXPECT_THAT(layer_refusal("{filters = 3}"), HasSubstr("with its type"));
  EXPECT_THAT(layer_refusal("{type = \"conv2d\", kernel = 3}"),
              HasSubstr("expected 'filters' with it"));
  EXPECT_THAT(layer_refusal("{type = \"dense\", unit = 3}"), HasSubstr("did you mean 'units'?"));
  EXPECT_THAT(layer_refusal("{type = \"flatten\"}, {type = \"dense\", units = \"many\"}"),
              HasSubstr("units: expected a whole number, got \"many\""));
  EXPECT_THAT(layer_refusal("{type = \"conv2d\", filters = 3, kernel = 3, padding = \"some\"}"),
              HasSubstr("\"same\", \"valid\""));
  EXPECT_THAT(
      layer_refusal("{type = \"flatten\"}, {type = \"dense\", units = 3, activation = \"rely\"}"),
      HasSubstr("did you mean 'relu'?"));
  EXPECT_THAT(layer_refusal("{type = \"batch_norm\", ghost = 8, renorm = true}"),
              HasSubstr("not both"));
  // What the library refuses has the place too.
  EXPECT_THAT(layer_refusal("{type = \"conv2d\", filters = 3, kernel = 40}"),
              HasSubstr("[r.toml:1:17]"));
  EXPECT_THAT(layer_refusal("{type = \"batch_norm\", keep = 2.0}"), HasSubstr("[r.toml:1:17]"));
}

}  // namespace
}  // namespace evenkeel
