// SPDX-License-Identifier: Apache-2.0
// Networks with another norm at another place, as text.
#include "evenkeel/study/compare/alternative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/verify.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/runtime/state_store.h"

namespace evenkeel::compare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Each node that computes as "name op", in order; states and inputs apart.
std::vector<std::string> computed(const Graph& graph) {
  std::vector<std::string> lines;
  for (const Node& node : graph.nodes())
    if (!node.inputs.empty()) lines.push_back(node.name + " " + std::string(name_of(node.op)));
  return lines;
}

std::vector<std::string> states(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes())
    if (std::holds_alternative<State>(node.op)) names.push_back(node.name);
  return names;
}

// A convolution with pooling, batch norm behind flatten, two dense layers.
Graph written() {
  return Sequential("small", image(8, 8, 1))
      .conv2d(4, 3, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm({.epsilon = 1e-4})
      .dense(6, {.activation = Activation::sigmoid})
      .dense(3)
      .build()
      .graph();
}

Graph checked(const Graph& graph) {
  verify(graph, Level::model);
  return graph;
}

Graph changed(const std::string& norm, Place place) {
  return checked(with_norm(written(), parse_norm("--norm", norm), place));
}

TEST(Alternative, WithoutANormIsTheNetworkLessItsNorm) {
  const Graph graph = changed("none", Place::as_written);
  EXPECT_THAT(
      computed(graph),
      ElementsAre("scale scale", "conv1/conv2d conv2d", "conv1/bias_add bias_add",
                  "conv1/relu relu", "pool1 max_pool2d", "flatten1 reshape", "dense1/matmul matmul",
                  "dense1/bias_add bias_add", "dense1/sigmoid sigmoid", "dense2/matmul matmul",
                  "dense2/bias_add bias_add"));
  EXPECT_THAT(states(graph), ElementsAre("conv1/kernel", "conv1/bias", "dense1/kernel",
                                         "dense1/bias", "dense2/kernel", "dense2/bias"));
}

TEST(Alternative, BeforeTakesThePlaceOfTheBias) {
  const Graph graph = changed("batch", Place::before);
  EXPECT_THAT(computed(graph),
              ElementsAre("scale scale", "conv1/conv2d conv2d", "norm1 batch_norm",
                          "conv1/relu relu", "pool1 max_pool2d", "flatten1 reshape",
                          "dense1/matmul matmul", "norm2 batch_norm", "dense1/sigmoid sigmoid",
                          "dense2/matmul matmul", "dense2/bias_add bias_add"));
  // The settings of the network's own batch norm.
  EXPECT_EQ(std::get<BatchNorm>(graph.node(graph.find("norm2")).op).epsilon, 1e-4);
  EXPECT_FALSE(graph.contains("conv1/bias"));
}

TEST(Alternative, NormsThatKeepChannelMeansKeepTheBias) {
  EXPECT_THAT(
      computed(changed("layer", Place::before)),
      ElementsAre("scale scale", "conv1/conv2d conv2d", "conv1/bias_add bias_add",
                  "norm1 layer_norm", "conv1/relu relu", "pool1 max_pool2d", "flatten1 reshape",
                  "dense1/matmul matmul", "dense1/bias_add bias_add", "norm2 layer_norm",
                  "dense1/sigmoid sigmoid", "dense2/matmul matmul", "dense2/bias_add bias_add"));
}

TEST(Alternative, AfterIsBehindActivationAndPooling) {
  EXPECT_THAT(
      computed(changed("group:2", Place::after)),
      ElementsAre("scale scale", "conv1/conv2d conv2d", "conv1/bias_add bias_add",
                  "conv1/relu relu", "pool1 max_pool2d", "norm1 group_norm", "flatten1 reshape",
                  "dense1/matmul matmul", "dense1/bias_add bias_add", "dense1/sigmoid sigmoid",
                  "norm2 group_norm", "dense2/matmul matmul", "dense2/bias_add bias_add"));
}

TEST(Alternative, AsWrittenPutsAnotherNormUnderTheSameName) {
  const Graph graph = changed("layer", Place::as_written);
  EXPECT_EQ(name_of(graph.node(graph.find("bn1")).op), "layer_norm");
  EXPECT_TRUE(graph.contains("bn1/gamma"));
  EXPECT_FALSE(graph.contains("bn1/moving_mean"));
  EXPECT_EQ(changed("batch", Place::as_written), written());
}

TEST(Alternative, NeverUpdatedIsAnAffineMapWithoutStatistics) {
  const Graph graph = changed("never-updated", Place::as_written);
  EXPECT_NEAR(std::get<Scale>(graph.node(graph.find("bn1/never_updated")).op).factor,
              1 / std::sqrt(1 + 1e-4), 1e-15);
  EXPECT_THAT(states(graph),
              ElementsAre("conv1/kernel", "conv1/bias", "bn1/gamma", "bn1/beta", "dense1/kernel",
                          "dense1/bias", "dense2/kernel", "dense2/bias"));
}

TEST(Alternative, GhostAndDivideByVarianceAreBatchNormsWithASetting) {
  const auto norm_of = [](const std::string& norm) {
    const Graph graph = changed(norm, Place::before);
    return std::get<BatchNorm>(graph.node(graph.find("norm1")).op);
  };
  const BatchNorm plain = norm_of("batch");
  BatchNorm ghost = plain;
  ghost.batch = GhostRule{4};
  EXPECT_EQ(norm_of("ghost:4"), ghost);
  BatchNorm divides = plain;
  divides.divide_by_variance = true;
  EXPECT_EQ(norm_of("divide-by-variance"), divides);
}

TEST(Alternative, EpsilonIsThatOfAllNormsWhereGiven) {
  for (const char* norm : {"batch", "layer"}) {
    const Graph graph = with_norm(written(), parse_norm("--norm", norm), Place::before, 0.5);
    const Op& op = graph.node(graph.find("norm1")).op;
    if (const auto* batch = std::get_if<BatchNorm>(&op)) {
      EXPECT_EQ(batch->epsilon, 0.5);
    }
    if (const auto* layer = std::get_if<LayerNorm>(&op)) {
      EXPECT_EQ(layer->epsilon, 0.5);
    }
  }
}

// A convolution that has batch norm's beta for its bias gets a bias where batch norm goes.
TEST(Alternative, ResNetWithoutNormHasBiases) {
  const Graph plain = with_norm(network("resnet20").graph(), {NormKind::none}, Place::as_written);
  const Graph written = network("resnet20").graph();
  std::size_t norms = 0;
  for (const Node& node : written.nodes()) norms += std::holds_alternative<BatchNorm>(node.op);
  std::size_t biases = 0;
  for (const Node& node : plain.nodes()) {
    EXPECT_FALSE(std::holds_alternative<BatchNorm>(node.op)) << node.name;
    biases += std::holds_alternative<BiasAdd>(node.op);
  }
  EXPECT_EQ(biases, norms + 1);
  verify(plain, Level::model);
}

// Behind a sum the two ways to it share one activation, which gets one norm.
TEST(Alternative, AfterInResNetIsOneNormForEachActivation) {
  const Graph graph =
      checked(with_norm(network("resnet20").graph(), {NormKind::batch}, Place::after));
  std::size_t norms = 0;
  std::size_t activations = 0;
  for (const Node& node : graph.nodes()) {
    norms += std::holds_alternative<BatchNorm>(node.op);
    activations += std::holds_alternative<Relu>(node.op);
  }
  EXPECT_EQ(norms, activations);
}

TEST(Alternative, WeightsOfASeedAreTheSame) {
  const StateStore plain(changed("none", Place::before), 7);
  for (const char* norm :
       {"batch", "layer", "group:2", "never-updated", "ghost:4", "divide-by-variance"}) {
    const StateStore normed(changed(norm, Place::before), 7);
    for (const char* kernel : {"conv1/kernel", "dense1/kernel", "dense2/kernel"})
      EXPECT_EQ(plain.get(kernel), normed.get(kernel)) << norm;
  }
}

TEST(Alternative, InitialDeviationIsThatOfKernelsAlone) {
  const Graph graph = checked(with_initial_deviation(written(), 0.01));
  const auto& kernel = std::get<State>(graph.node(graph.find("dense1/kernel")).op);
  EXPECT_EQ(kernel.initializer, Initializer::truncated_normal);
  EXPECT_EQ(kernel.value, 0.01);
  EXPECT_EQ(std::get<State>(graph.node(graph.find("bn1/gamma")).op).initializer, Initializer::ones);
}

TEST(Alternative, NamesAreReadBackAsTheyArePrinted) {
  for (const char* text :
       {"none", "batch", "ghost:32", "layer", "group:8", "never-updated", "divide-by-variance"})
    EXPECT_EQ(to_string(parse_norm("--norm", text)), text);
  for (const char* text : {"as-written", "before", "after"})
    EXPECT_EQ(to_string(parse_place("--place", text)), text);
}

void expect_refused(const std::string& norm, const std::string& text) {
  try {
    parse_norm("--norm", norm);
    ADD_FAILURE() << norm << " was taken";
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr(text)) << norm;
  }
}

TEST(Alternative, RefusesWhatIsNoNorm) {
  expect_refused("bacth", "did you mean 'batch'");
  expect_refused("", "expected one of none, batch, ghost:N, layer, group:N");
  expect_refused("ghost", "expected a number of at least 1 behind 'ghost:'");
  expect_refused("group:0", "expected a number of at least 1");
  expect_refused("group:4x", "got '4x'");
  expect_refused("group:-1", "got '-1'");
  expect_refused("batch:3", "expected 'batch' without a number");
  EXPECT_THROW(parse_place("--place", "befor"), InvalidArgument);
}

TEST(Alternative, RefusesAPlaceThatTheNetworkLacks) {
  const Graph plain = with_norm(written(), {NormKind::none}, Place::as_written);
  EXPECT_THROW(with_norm(plain, {NormKind::batch}, Place::as_written), InvalidArgument);
  EXPECT_EQ(with_norm(plain, {NormKind::none}, Place::before), plain);
}

TEST(Alternative, RefusesGroupsThatDoNotDivideTheChannels) {
  try {
    changed("group:3", Place::before);
    ADD_FAILURE();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr("divides the 4 channels before 'norm1', got 3"));
  }
}

}  // namespace
}  // namespace evenkeel::compare
