// SPDX-License-Identifier: Apache-2.0
// The ready networks: what they are made of, and how large they are.
#include "evenkeel/model/networks.h"

#include <gtest/gtest.h>

#include "evenkeel/graph/graph.h"
#include "evenkeel/report/model_summary.h"

namespace evenkeel {
namespace {

std::int64_t convolutions(const Model& model) {
  std::int64_t count = 0;
  for (const Node& node : model.graph().nodes())
    if (std::holds_alternative<Conv2d>(node.op)) ++count;
  return count;
}

// Multiply-adds of convolutions and dense layers: half their operations.
double multiply_adds(const Model& model) {
  double total = 0;
  for (const LayerSummary& layer : summarise(model).layers)
    if (layer.kind == "conv2d" || layer.kind == "dense") total += layer.flops / 2;
  return total;
}

TEST(Networks, ResNet20HasThePapersSize) {
  const Model model = network("resnet20");
  EXPECT_EQ(model.name(), "resnet20");
  EXPECT_EQ(summarise(model).total.trainable, 269722);
  EXPECT_EQ(convolutions(model), 19);
  EXPECT_NEAR(multiply_adds(model), 41e6, 0.5e6);
}

TEST(Networks, ResNet20WithProjectionsHasTwoConvolutionsMore) {
  const Model model = network("resnet20-projection");
  EXPECT_EQ(model.name(), "resnet20-projection");
  // 16 x 32 + 32 x 64 weights, and gamma and beta of 32 and 64 channels.
  EXPECT_EQ(summarise(model).total.trainable, 269722 + 512 + 2048 + 2 * (32 + 64));
  EXPECT_EQ(convolutions(model), 21);
}

TEST(Networks, DeeperResNetsHaveThePapersSizes) {
  EXPECT_EQ(resnet({.blocks = 5}).name(), "resnet32");
  EXPECT_EQ(summarise(resnet({.blocks = 5})).total.trainable, 464154);
  EXPECT_EQ(summarise(resnet({.blocks = 9})).total.trainable, 853018);
}

TEST(Networks, MnistCnnHasTheExercisesSize) {
  EXPECT_EQ(
      summarise(network("mnist-cnn")).total.trainable,
      5 * 5 * 32 + 32 + 5 * 5 * 32 * 64 + 64 + 2 * 3136 + 3136 * 1024 + 1024 + 1024 * 10 + 10);
}

TEST(Networks, Mnist99IsSmall) {
  EXPECT_EQ(summarise(network("mnist-99")).total.trainable,
            25 * 16 + 16 + 2 * 16 + 25 * 16 * 32 + 32 + 2 * 32 + 1568 * 10 + 10);
}

TEST(Networks, MlpTakesAnyWidthsAndActivation) {
  EXPECT_EQ(summarise(network("mlp")).total.trainable,
            784 * 512 + 2 * 512 + 512 * 256 + 2 * 256 + 256 * 10 + 10);
  const Model wide =
      mlp({.widths = {7, 5, 3}, .activation = Activation::tanh, .batch_norm = false});
  EXPECT_EQ(summarise(wide).total.trainable, 784 * 7 + 7 + 7 * 5 + 5 + 5 * 3 + 3 + 3 * 10 + 10);
  EXPECT_TRUE(wide.graph().contains("tanh3"));
  EXPECT_EQ(summarise(mlp({.widths = {}})).total.trainable, 784 * 10 + 10);
}

TEST(Networks, FitOtherImagesAndClasses) {
  for (const std::string& name : network_names()) {
    const Model model = network(name, image(24, 20, 3).scale(1 / 255.0), 7);
    EXPECT_EQ(model.image_shape(), (Shape{24, 20, 3})) << name;
    EXPECT_EQ(model.classes(), 7) << name;
  }
}

TEST(Networks, AnUnknownNameIsToldTheNearest) {
  try {
    network("resnet2");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("resnet20"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace evenkeel
