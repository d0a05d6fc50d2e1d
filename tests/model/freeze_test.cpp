// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/freeze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/sequential.h"
#include "tests/support/graph_checks.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Model freezable_network() {
  return Sequential("net", image(6, 6, 4).scale(0.5))
      .conv2d(3, 3)
      .batch_norm()
      .flatten()
      .batch_norm({.center = false})
      .dense(4)
      .batch_norm({.name = "last"})
      .dense(2)
      .build();
}

// The names of what is frozen.
std::vector<std::string> frozen(const Model& model) {
  std::vector<std::string> names;
  for (const Node& node : model.graph().nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    const auto* layer = std::get_if<BatchNorm>(&node.op);
    if ((state != nullptr && state->frozen) || (layer != nullptr && layer->frozen))
      names.push_back(node.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Freeze, TakesLayersByPattern) {
  EXPECT_EQ(frozen(freezable_network()), Names{});
  EXPECT_EQ(frozen(freeze(freezable_network(), "bn1")), (Names{"bn1/gamma", "bn1/beta", "bn1"}));
  EXPECT_EQ(frozen(freeze(freezable_network(), "bn*")),
            (Names{"bn1/gamma", "bn1/beta", "bn1", "bn2/gamma", "bn2"}));
  EXPECT_EQ(frozen(freeze(freezable_network(), "?ast")),
            (Names{"last/gamma", "last/beta", "last"}));
}

TEST(Freeze, IsPartOfTheNetworksTextAndUndone) {
  const Model model = freeze(freezable_network(), "bn*");
  const std::string text = to_text(model.graph());
  EXPECT_THAT(text, HasSubstr("frozen true"));
  EXPECT_EQ(parse_graph(text), model.graph());
  EXPECT_EQ(unfreeze(model, "bn*").graph(), freezable_network().graph());
  EXPECT_EQ(frozen(unfreeze(model, "bn2")), (Names{"bn1/gamma", "bn1/beta", "bn1"}));
  EXPECT_EQ(without_freezing(model.graph()), freezable_network().graph());
  EXPECT_EQ(without_freezing(freezable_network().graph()), freezable_network().graph());
}

TEST(Freeze, IsAnOptionOfTheLayerToo) {
  const Model built =
      Sequential("net", image(4, 4, 1)).flatten().batch_norm({.frozen = true}).dense(2).build();
  const Model changed =
      freeze(Sequential("net", image(4, 4, 1)).flatten().batch_norm().dense(2).build(), "bn1");
  EXPECT_EQ(built.graph(), changed.graph());
}

TEST(Freeze, ReachesBatchNormsWithinLayers) {
  const Layer block(
      [](Scope& s, Value x) { return layers::batch_norm()(s, layers::conv2d(4, 1)(s, x)); },
      "block");
  const Model model = Sequential("net", image(4, 4, 1)).add(block).flatten().dense(2).build();
  EXPECT_EQ(frozen(freeze(model, "block/bn*")),
            (Names{"block/bn1/gamma", "block/bn1/beta", "block/bn1"}));
}

TEST(Freeze, TakesLayersOfAnyKind) {
  EXPECT_EQ(frozen(freeze(freezable_network(), "conv1")), (Names{"conv1/kernel", "conv1/bias"}));
  EXPECT_EQ(frozen(freeze(freezable_network(), "dense?")),
            (Names{"dense1/kernel", "dense1/bias", "dense2/kernel", "dense2/bias"}));
  const Model others = Sequential("net", image(4, 4, 4))
                           .layer_norm()
                           .group_norm(2)
                           .flatten()
                           .dense(2, {.bias = false})
                           .build();
  EXPECT_EQ(frozen(freeze(others, "?n1")),
            (Names{"ln1/gamma", "ln1/beta", "gn1/gamma", "gn1/beta"}));
}

// What has nothing to train may be among them.
TEST(Freeze, OfAllIsAllThatTrains) {
  const Model model = freeze(freezable_network(), "*");
  EXPECT_TRUE(trained_states(model.graph()).empty());
  EXPECT_EQ(unfreeze(model, "*").graph(), freezable_network().graph());
  EXPECT_EQ(parse_graph(to_text(model.graph())), model.graph());
}

TEST(Freeze, ReachesLayersWithinLayers) {
  const Layer block(
      [](Scope& s, Value x) { return layers::batch_norm()(s, layers::conv2d(4, 1)(s, x)); },
      "block");
  const Model model = Sequential("net", image(4, 4, 1)).add(block).flatten().dense(2).build();
  EXPECT_EQ(frozen(freeze(model, "block/conv*")),
            (Names{"block/conv1/kernel", "block/conv1/bias"}));
  EXPECT_EQ(frozen(freeze(model, "block")),
            (Names{"block/conv1/kernel", "block/conv1/bias", "block/bn1/gamma", "block/bn1/beta",
                   "block/bn1"}));
}

TEST(Freeze, SaysWhatThereIsWhereNothingMatches) {
  const auto refusal = [](const char* pattern) {
    return test::message_of([&] { freeze(freezable_network(), pattern); });
  };
  EXPECT_EQ(refusal("bn3"),
            "[bn3] expected a pattern of layers' names, it matches none of net; did you mean "
            "'bn1'?");
  EXPECT_EQ(refusal("cnov1"),
            "[cnov1] expected a pattern of layers' names, it matches none of net; did you mean "
            "'conv1'?");
  EXPECT_EQ(refusal("norm_*"),
            "[norm_*] expected a pattern of layers' names, it matches none of net; those that "
            "train are named 'conv1', 'bn1', 'bn2', 'dense1', 'last', ...");
  EXPECT_THAT(refusal("flatten*"),
              HasSubstr("expected a pattern of layers that train, it matches 'flatten1', a "
                        "flatten, which has nothing to train; those that train are named 'conv1'"));
  EXPECT_THAT(refusal(""), HasSubstr("matches none of net"));
  EXPECT_THAT(test::message_of([] { unfreeze(freezable_network(), "bn3"); }),
              HasSubstr("did you mean"));
}

}  // namespace
}  // namespace evenkeel
