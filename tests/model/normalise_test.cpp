// SPDX-License-Identifier: Apache-2.0
// Pixels brought to mean 0 and deviation 1 of each channel, by the model itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evenkeel/graph/text.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Model dense_of(const ImageInput& input, const DenseOptions& options = {}) {
  return Sequential("small", input).flatten().dense(2, options).build();
}

std::string input_refusal(const ImageInput& input) {
  try {
    dense_of(input);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Normalise, SubtractsTheMeanAndDividesByTheDeviationOfEachChannel) {
  const Model model = dense_of(image(4, 4, 2).scale(0.5).normalise({1.5, 2}, {0.25, 4}));
  const std::string text = to_text(model.graph());
  EXPECT_THAT(text, HasSubstr("channel_affine %scale, %normalise/mean, %normalise/factor, "
                              "%normalise/zero"));
  EXPECT_THAT(text, HasSubstr("%normalise/mean = concat %normalise/mean/0, %normalise/mean/1"));
  EXPECT_THAT(text, HasSubstr("%normalise/mean/0 = constant {type f32[1], value 1.5}"));
  EXPECT_THAT(text,
              HasSubstr("%normalise/factor/1 = constant {type f32[1], value 0.25}"));  // 1 / 4
  EXPECT_EQ(parse_graph(text), model.graph());
}

TEST(Normalise, ChannelsAlikeNeedOneConstant) {
  EXPECT_THAT(to_text(dense_of(image(4, 4, 3).normalise({9, 9, 9}, {2, 2, 2})).graph()),
              Not(HasSubstr("concat")));
  EXPECT_THAT(to_text(dense_of(image(4, 4, 1).normalise({9}, {2})).graph()),
              Not(HasSubstr("concat")));
}

TEST(Normalise, ComesAfterTheScaleWhicheverIsSaidFirst) {
  const Model first = dense_of(image(4, 4, 1).normalise({0.3}, {0.1}).scale(1 / 255.0));
  const Model last = dense_of(image(4, 4, 1).scale(1 / 255.0).normalise({0.3}, {0.1}));
  EXPECT_EQ(first.graph(), last.graph());
}

TEST(Normalise, IsOneLayerOfItsOwn) {
  const Model model = dense_of(image(4, 4, 3).normalise({1, 2, 3}, {1, 2, 3}));
  ASSERT_GE(model.layers().size(), 2U);
  EXPECT_EQ(model.layers()[1].name, "normalise");
  EXPECT_EQ(model.layers()[1].kind, "normalise");
  EXPECT_EQ(to_string(model.layers()[1].output.shape), "[N,4,4,3]");
  EXPECT_EQ(model.image_shape(), (Shape{4, 4, 3}));
}

TEST(Normalise, ReadyNetworksTakeIt) {
  const ImageInput input = image(32, 32, 3).scale(1 / 255.0).normalise({0.5, 0.4, 0.3}, {1, 2, 3});
  for (const std::string& name : network_names())
    EXPECT_THAT(to_text(network(name, input, 10).graph()), HasSubstr("%normalise = ")) << name;
}

TEST(Normalise, WhatMakesNoSenseIsRefused) {
  const ImageInput input = image(4, 4, 3);
  EXPECT_THAT(input_refusal(input.normalise({1}, {1})),
              HasSubstr("for each of 3 channel(s), got 1"));
  EXPECT_THAT(input_refusal(input.normalise({1, 1, 1}, {})), HasSubstr("got 3 and 0"));
  EXPECT_THAT(input_refusal(input.normalise({1, 1, 1}, {1, 0, 1})), HasSubstr("for channel 1"));
  EXPECT_THAT(input_refusal(input.normalise({1, 1, 1}, {1, 1, -2})), HasSubstr("above 0"));
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_THAT(input_refusal(input.normalise({1, infinite, 1}, {1, 1, 1})),
              HasSubstr("finite mean"));
  EXPECT_THAT(input_refusal(input.normalise({1, 1, 1}, {1, infinite, 1})), HasSubstr("above 0"));
  EXPECT_THAT(input_refusal(input.normalise({1, std::nan(""), 1}, {1, 1, 1})), HasSubstr("nan"));
  EXPECT_EQ(input_refusal(input.normalise({-1, 0, 300}, {1e-3, 1, 100})), "accepted");
  EXPECT_THROW(dense_of(input, {.name = "normalise"}), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
