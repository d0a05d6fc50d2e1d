// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/model_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/model/freeze.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {
namespace {

LayerSummary layer(const ModelSummary& summary, const std::string& name) {
  const auto found = std::find_if(summary.layers.begin(), summary.layers.end(),
                                  [&](const LayerSummary& l) { return l.name == name; });
  if (found == summary.layers.end()) throw std::runtime_error("no layer " + name);
  return *found;
}

TEST(ModelSummary, CountsTheReferenceNetwork) {
  const ModelSummary summary = summarise(mnist_cnn());
  EXPECT_EQ(layer(summary, "conv1").trainable, 5 * 5 * 1 * 32 + 32);
  EXPECT_EQ(layer(summary, "conv2").trainable, 51264);
  EXPECT_EQ(layer(summary, "bn1").trainable, 2 * 3136);
  EXPECT_EQ(layer(summary, "bn1").state, 2 * 3136);
  EXPECT_EQ(layer(summary, "dense1").trainable, 3212288);
  EXPECT_EQ(layer(summary, "dense2").trainable, 10250);
  EXPECT_EQ(summary.total.trainable, 832 + 51264 + 6272 + 3212288 + 10250);
  EXPECT_EQ(summary.total.state, 6272);
  EXPECT_EQ(summary.total.weight_bytes, 4 * (3280906 + 6272));
}

TEST(ModelSummary, CountsTheWorkAndMemoryOfOneImage) {
  const Model model =
      Sequential("one", image(4, 4, 2).scale(1)).conv2d(3, 3).flatten().dense(5).build();
  const ModelSummary summary = summarise(model);
  // [N,2,2,3] from 3x3x2 taps each, and its bias
  EXPECT_EQ(layer(summary, "conv1").flops, 2 * (2 * 2 * 3) * (3 * 3 * 2) + 2 * 2 * 3);
  EXPECT_EQ(layer(summary, "conv1").output_bytes, 4 * 2 * 2 * 3);
  EXPECT_EQ(layer(summary, "dense1").flops, 2 * 12 * 5 + 5);
  EXPECT_EQ(to_string(layer(summary, "conv1").output.shape), "[N,2,2,3]");
}

TEST(ModelSummary, ShowsInputOutputAndTotals) {
  const std::string text = to_text(summarise(mnist_cnn()));
  EXPECT_THAT(text, ::testing::StartsWith("mnist-cnn: u8[N,28,28,1] -> f32[N,10]\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("3,280,906"));
}

TEST(ModelSummary, CountsWhatDecaysByRole) {
  const ModelSummary summary = summarise(mnist_cnn());
  EXPECT_EQ(layer(summary, "conv1").decayed, 5 * 5 * 1 * 32);
  EXPECT_EQ(layer(summary, "bn1").decayed, 0);
  EXPECT_EQ(layer(summary, "dense2").decayed, 1024 * 10);
  EXPECT_EQ(summary.total.decayed, 5 * 5 * 32 + 5 * 5 * 32 * 64 + 3136 * 1024 + 1024 * 10);
  EXPECT_EQ(summary.total.decayed, 3273504);
  EXPECT_THAT(to_text(summary),
              ::testing::HasSubstr("\nWeight decay and L2, where asked for, apply to kernels; "
                                   "not to gamma, beta, biases.\n"));
}

TEST(ModelSummary, CountsWhatDecaysByTheRolesAskedFor) {
  const ModelSummary gammas = summarise(mnist_cnn(), {.gamma = true});
  EXPECT_EQ(layer(gammas, "conv1").decayed, 5 * 5 * 1 * 32);
  EXPECT_EQ(layer(gammas, "bn1").decayed, 3136);
  EXPECT_EQ(gammas.total.decayed, 3273504 + 3136);
  EXPECT_THAT(to_text(gammas),
              ::testing::HasSubstr("apply to kernels, gamma; not to beta, biases.\n"));
  const ModelSummary all = summarise(mnist_cnn(), {true, true, true, true});
  EXPECT_EQ(all.total.decayed, all.total.trainable);
  EXPECT_THAT(to_text(all), ::testing::HasSubstr("apply to kernels, gamma, beta, biases.\n"));
  const ModelSummary none = summarise(mnist_cnn(), {.kernels = false});
  EXPECT_EQ(none.total.decayed, 0);
  EXPECT_THAT(to_text(none),
              ::testing::HasSubstr("apply to nothing; not to kernels, gamma, beta, biases.\n"));
}

Model normalised(const BatchNormOptions& options = {}) {
  return Sequential("one", image(4, 4, 2).scale(1))
      .batch_norm(options)
      .flatten()
      .batch_norm()
      .dense(5)
      .build();
}

TEST(ModelSummary, CountsWhatIsFrozenApart) {
  const DecayRoles all{true, true, true, true};
  const ModelSummary before = summarise(normalised(), all);
  EXPECT_EQ(to_text(before).find("frozen"), std::string::npos) << "plain networks as ever";
  const ModelSummary summary = summarise(freeze(normalised(), "bn2"), all);
  EXPECT_EQ(layer(summary, "bn2").trainable, 0);
  EXPECT_EQ(layer(summary, "bn2").decayed, 0);
  EXPECT_EQ(layer(summary, "bn2").frozen, 2 * 32);
  EXPECT_EQ(layer(summary, "bn2").state, 2 * 32);
  EXPECT_EQ(layer(summary, "bn1").frozen, 0);
  EXPECT_EQ(summary.total.trainable, before.total.trainable - 2 * 32);
  EXPECT_EQ(summary.total.weight_bytes, before.total.weight_bytes);
  const std::string text = to_text(summary);
  EXPECT_THAT(text, ::testing::ContainsRegex("output/image  frozen\n"));
  EXPECT_THAT(text, ::testing::ContainsRegex("bn2 [^\n]* F\n"));
  EXPECT_THAT(text, ::testing::Not(::testing::ContainsRegex("bn1 [^\n]* F\n")));
}

TEST(ModelSummary, MarksAFrozenLayerWithoutParametersToo) {
  const Model bare = freeze(normalised({.center = false, .scale = false}), "bn1");
  EXPECT_THAT(to_text(summarise(bare)), ::testing::ContainsRegex("bn1 [^\n]* F\n"));
}

TEST(ModelSummary, ShowsPenaltiesAndBounds) {
  const Model model = normalised({.gamma_penalty = {.l1 = 0.01, .l2 = 0.5},
                                  .gamma_constraint = Constraint::max_norm(2),
                                  .beta_constraint = Constraint::min_max_norm(0.5, 1, 0.25)});
  EXPECT_THAT(to_text(summarise(model)),
              ::testing::HasSubstr("Penalties and bounds of their own:\n"
                                   "  bn1/gamma: L1 0.01, L2 0.5, norm at most 2\n"
                                   "  bn1/beta: norm from 0.5 to 1 at rate 0.25\n"));
}

}  // namespace
}  // namespace evenkeel
