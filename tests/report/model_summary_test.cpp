// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/model_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace evenkeel
