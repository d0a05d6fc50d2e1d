// SPDX-License-Identifier: Apache-2.0
// What a person hears when layers do not fit: the layer, what came, what would fit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/graph/graph.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Sequential net_for_errors() { return Sequential("net", image(6, 6, 4)); }

template <typename F>
std::string refusal(const F& function) {
  try {
    function();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ShapeErrors, OfInitialValues) {
  const auto with = [](const InitialValue& kernel) {
    return refusal([&] { net_for_errors().conv2d(3, 3, {.kernel = kernel}); });
  };
  const std::string deviation = "[conv1] kernel: expected a finite deviation above 0 to begin with";
  EXPECT_THAT(with(InitialValue::truncated_normal(0)), StartsWith(deviation));
  EXPECT_THAT(with(InitialValue::truncated_normal(-0.1)), StartsWith(deviation + ", got -0.1"));
  EXPECT_THAT(with(InitialValue::truncated_normal(HUGE_VAL)), StartsWith(deviation));
  EXPECT_THAT(with(InitialValue::constant(HUGE_VAL)),
              StartsWith("[conv1] kernel: expected a finite constant to begin with, got inf"));
  EXPECT_EQ(with(InitialValue::constant(-1)), "accepted");
}

TEST(ShapeErrors, NameTheLayerAndWhatWouldFit) {
  EXPECT_EQ(refusal([] { net_for_errors().dense(3); }),
            "[dense1] expected [N, features], got [N,6,6,4]: call flatten() before dense(), or a "
            "global pooling");
  EXPECT_EQ(refusal([] { net_for_errors().flatten().conv2d(3, 3); }),
            "[conv1] expected images [N,H,W,C], got [N,144]: a convolution goes before flatten()");
  EXPECT_EQ(refusal([] { net_for_errors().max_pool2d(2).conv2d(3, 5, {.name = "late"}); }),
            "[late] expected an image of at least 5x5, its window, got [N,3,3,4]; a window of at "
            "most 3x3, more padding or less pooling before it would fit");
  EXPECT_EQ(refusal([] { net_for_errors().conv2d(6, 3, {.groups = 3}); }),
            "[conv1] expected groups that divide its 4 input channels and 6 filters, got 3");
  EXPECT_EQ(refusal([] {
              net_for_errors().reshape({7, 5});
            }),
            "[reshape1] expected a shape of 144 elements a sample, as [N,6,6,4] has, got [N,7,5]");
  EXPECT_EQ(refusal([] { net_for_errors().flatten().avg_pool2d(2); }),
            "[pool1] expected images [N,H,W,C], got [N,144]: pooling goes before flatten()");
}

TEST(ShapeErrors, OfJoins) {
  Scope s("joins", image(6, 6, 4));
  const Value narrow = layers::conv2d(4, 3)(s, s.images());
  EXPECT_THAT(
      refusal([&] { layers::add()(s, s.images(), narrow); }),
      AllOf(StartsWith("[add1]"), HasSubstr("[N,6,6,4] and [N,4,4,4]"), HasSubstr("subsample()")));
  EXPECT_THAT(refusal([&] { layers::concat()(s, s.images(), narrow); }),
              AllOf(StartsWith("[concat1]"), HasSubstr("differ in their channels alone")));
  EXPECT_THAT(refusal([&] { layers::add("one")(s, s.images()); }),
              StartsWith("[one] expected two"));
  EXPECT_THAT(refusal([&] { layers::relu()(s, s.images(), narrow); }),
              HasSubstr("1 value(s), got 2"));
}

TEST(ShapeErrors, OfNumbersWithoutSense) {
  EXPECT_THAT(refusal([] { net_for_errors().conv2d(0, 3); }), HasSubstr("at least 1 filter"));
  EXPECT_THAT(refusal([] { net_for_errors().conv2d(3, 0); }), HasSubstr("at least 1x1"));
  EXPECT_THAT(refusal([] { net_for_errors().conv2d(3, 3, {.stride = 0}); }),
              HasSubstr("stride of at least 1"));
  EXPECT_THAT(refusal([] { net_for_errors().conv2d(3, 3, {.dilation = 0}); }),
              HasSubstr("dilation"));
  EXPECT_THAT(refusal([] {
                net_for_errors().conv2d(3, 3, {.padding = {0, 0, 0, -1}});
              }),
              HasSubstr("padding"));
  EXPECT_THAT(refusal([] { net_for_errors().dropout(1); }), HasSubstr("below 1"));
  EXPECT_THAT(refusal([] { net_for_errors().flatten().dense(-2); }), HasSubstr("got -2"));
  EXPECT_THAT(refusal([] { Sequential("none", image(0, 6, 1)); }), StartsWith("[image]"));
  EXPECT_THAT(refusal([] { net_for_errors().conv2d(3, 3).build(); }),
              HasSubstr("end with dense(classes)"));
}

TEST(ShapeErrors, OfNames) {
  EXPECT_THAT(
      refusal([] { net_for_errors().conv2d(3, 3, {.name = "a"}).conv2d(3, 3, {.name = "a"}); }),
      HasSubstr("no other layer has"));
  EXPECT_THAT(refusal([] { net_for_errors().conv2d(3, 3, {.name = "a/b"}); }),
              HasSubstr("without '/'"));
  EXPECT_THAT(refusal([] { net_for_errors().conv2d(3, 3, {.name = "labels"}); }),
              HasSubstr("taken"));
}

TEST(ShapeErrors, OfAValueOfAnotherScope) {
  Scope a("a", image(6, 6, 1));
  Scope b("b", image(6, 6, 1));
  const Value far = layers::relu()(a, layers::relu()(a, a.images()));
  EXPECT_THAT(refusal([&] { layers::relu("here")(b, far); }), StartsWith("[here]"));
}

}  // namespace
}  // namespace evenkeel
