// SPDX-License-Identifier: Apache-2.0
// Layer norm, group norm and instance norm as layers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Sequential net_for_norms() { return Sequential("net", image(6, 6, 4).scale(0.5)); }

std::int64_t weights(const Model& model, Role role) {
  std::int64_t count = 0;
  for (const Node& node : model.graph().nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    if (state != nullptr && state->role == role) count += state->type.shape.elements();
  }
  return count;
}

std::string kind(const Model& model, const std::string& name) {
  for (const LayerInfo& layer : model.layers())
    if (layer.name == name) return layer.kind + " " + to_string(layer.output);
  return "no layer " + name;
}

template <typename F>
std::string norm_refusal(const F& function) {
  try {
    function();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Norms, HaveAGammaAndABetaForEachChannel) {
  const Model model =
      net_for_norms().group_norm(2).instance_norm().flatten().layer_norm().dense(2).build();
  EXPECT_EQ(kind(model, "gn1"), "group_norm f32[N,6,6,4]");
  EXPECT_EQ(kind(model, "in1"), "instance_norm f32[N,6,6,4]");
  EXPECT_EQ(kind(model, "ln1"), "layer_norm f32[N,144]");
  EXPECT_EQ(weights(model, Role::gamma), 4 + 4 + 144);
  EXPECT_EQ(weights(model, Role::beta), 4 + 4 + 144);
  EXPECT_EQ(weights(model, Role::statistic), 0);
  EXPECT_EQ(parse_graph(to_text(model.graph())), model.graph());
}

TEST(Norms, OptionsReachTheOp) {
  const Model model = net_for_norms()
                          .group_norm(4, {.epsilon = 0.5, .name = "mine"})
                          .layer_norm({.epsilon = 0.25})
                          .flatten()
                          .dense(2)
                          .build();
  const Graph& graph = model.graph();
  EXPECT_EQ(std::get<GroupNorm>(graph.node(graph.find("mine")).op), (GroupNorm{4, 0.5}));
  EXPECT_EQ(std::get<LayerNorm>(graph.node(graph.find("ln1")).op), LayerNorm{0.25});
}

TEST(Norms, WithoutGammaOrBetaHaveConstantsInTheirPlace) {
  const Model model = net_for_norms()
                          .group_norm(2, {.center = false, .scale = false})
                          .layer_norm({.scale = false})
                          .instance_norm({.center = false})
                          .flatten()
                          .dense(2)
                          .build();
  EXPECT_EQ(weights(model, Role::gamma), 4);
  EXPECT_EQ(weights(model, Role::beta), 4);
  EXPECT_EQ(kind(model, "gn1"), "group_norm f32[N,6,6,4]");
  EXPECT_EQ(kind(model, "ln1"), "layer_norm f32[N,6,6,4]");
  const Graph& graph = model.graph();
  EXPECT_EQ(std::get<Constant>(graph.node(graph.find("gn1/ones")).op).value, 1);
  EXPECT_EQ(std::get<Constant>(graph.node(graph.find("gn1/zeros")).op).value, 0);
}

TEST(Norms, AreTheSameInTrainingAndInference) {
  const Model model = net_for_norms().group_norm(2).layer_norm().flatten().dense(2).build();
  EXPECT_EQ(to_training(model.graph()), to_inference(model.graph()));
}

TEST(Norms, MayBeSharedAsTheyKeepNoStatistics) {
  Scope s("shared", image(6, 6, 4).scale(1));
  const Layer norm = layers::group_norm(2);
  const Value y = norm(s, norm(s, s.images()));
  const Model model = s.build(layers::dense(2)(s, layers::flatten()(s, y)));
  EXPECT_EQ(weights(model, Role::gamma), 4);
}

TEST(Norms, SayWhatWouldFit) {
  EXPECT_EQ(norm_refusal([] { net_for_norms().group_norm(3); }),
            "[gn1] expected groups that divide its 4 channels, got 3");
  EXPECT_THAT(norm_refusal([] { net_for_norms().group_norm(0); }), HasSubstr("got 0"));
  EXPECT_EQ(norm_refusal([] { net_for_norms().global_avg_pool2d().group_norm(4); }),
            "[gn1] expected groups of two values or more, got 4 groups of one in [N,4]: each would "
            "be its own mean; take fewer groups, or batch_norm()");
  EXPECT_EQ(norm_refusal([] { net_for_norms().flatten().instance_norm({.name = "late"}); }),
            "[late] expected two positions or more in each channel, got [N,144]: a single value is "
            "its own mean; call instance_norm() before pooling or flatten(), or take layer_norm()");
  EXPECT_EQ(norm_refusal([] { Sequential("grey", image(6, 6, 1)).layer_norm(); }),
            "[ln1] expected two channels or more, got [N,6,6,1]: a single value is its own mean; "
            "call flatten() before layer_norm(), or take group_norm(1)");
  EXPECT_THAT(norm_refusal([] { net_for_norms().layer_norm({.epsilon = 0}); }),
              HasSubstr("epsilon above 0"));
  EXPECT_THAT(norm_refusal([] { net_for_norms().group_norm(2, {.epsilon = -1}); }),
              HasSubstr("[gn1]"));
}

}  // namespace
}  // namespace evenkeel
