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

Model network() {
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
  EXPECT_EQ(frozen(network()), Names{});
  EXPECT_EQ(frozen(freeze(network(), "bn1")), (Names{"bn1/gamma", "bn1/beta", "bn1"}));
  EXPECT_EQ(frozen(freeze(network(), "bn*")),
            (Names{"bn1/gamma", "bn1/beta", "bn1", "bn2/gamma", "bn2"}));
  EXPECT_EQ(frozen(freeze(network(), "?ast")), (Names{"last/gamma", "last/beta", "last"}));
}

TEST(Freeze, IsPartOfTheNetworksTextAndUndone) {
  const Model model = freeze(network(), "bn*");
  const std::string text = to_text(model.graph());
  EXPECT_THAT(text, HasSubstr("frozen true"));
  EXPECT_EQ(parse_graph(text), model.graph());
  EXPECT_EQ(unfreeze(model, "bn*").graph(), network().graph());
  EXPECT_EQ(frozen(unfreeze(model, "bn2")), (Names{"bn1/gamma", "bn1/beta", "bn1"}));
  EXPECT_EQ(without_freezing(model.graph()), network().graph());
  EXPECT_EQ(without_freezing(network().graph()), network().graph());
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

TEST(Freeze, SaysWhatThereIsWhereNothingMatches) {
  const auto refusal = [](const char* pattern) {
    return test::message_of([&] { freeze(network(), pattern); });
  };
  EXPECT_EQ(refusal("bn3"),
            "[bn3] expected a pattern of batch norms' names, it matches none of net; did you mean "
            "'bn1'?");
  EXPECT_EQ(refusal("norm_*"),
            "[norm_*] expected a pattern of batch norms' names, it matches none of net; they are "
            "named 'bn1', 'bn2', 'last'");
  EXPECT_EQ(refusal("conv1"),
            "[conv1] expected a pattern of batch norms' names, it matches 'conv1', a conv2d: batch "
            "norms alone can be frozen");
  EXPECT_THAT(refusal("*"), HasSubstr("it matches 'scale'"));
  EXPECT_THAT(refusal(""), HasSubstr("matches none of net"));
  EXPECT_THAT(test::message_of([] { unfreeze(network(), "bn3"); }), HasSubstr("did you mean"));
  EXPECT_THAT(test::message_of([] {
                freeze(Sequential("plain", image(4, 4, 1)).flatten().dense(2).build(), "bn*");
              }),
              HasSubstr("matches none of plain; it has none"));
}

}  // namespace
}  // namespace evenkeel
