// SPDX-License-Identifier: Apache-2.0
// Building networks: branches, shared layers, own layers, names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {
namespace {

ImageInput small() { return image(8, 8, 3).scale(0.5); }

std::int64_t states(const Model& model) {
  std::int64_t count = 0;
  for (const Node& node : model.graph().nodes())
    if (std::holds_alternative<State>(node.op)) ++count;
  return count;
}

TEST(Building, BranchesJoinByAddAndConcat) {
  Scope s("paths", small());
  const Value x = layers::conv2d(4, 3, {.padding = Padding::same})(s, s.images());
  const Value wide = layers::conv2d(4, 1)(s, x);
  const Value sum = layers::add()(s, x, wide);
  const Value both = layers::concat()(s, sum, x, wide);
  EXPECT_EQ(s.shape(both), (Shape{kBatch, 8, 8, 12}));
  const Model model = s.build(layers::dense(2)(s, layers::global_avg_pool2d()(s, both)));
  EXPECT_EQ(model.classes(), 2);
  EXPECT_EQ(parse_graph(to_text(model.graph())), model.graph());
}

TEST(Building, EveryLayerHasItsShape) {
  Scope s("all", small());
  const Value x = s.images();
  const auto shape = [&](const Layer& layer) { return to_string(s.shape(layer(s, x))); };
  EXPECT_EQ(shape(layers::conv2d(6, {3, 2}, {.stride = {2, 1}})), "[N,3,7,6]");
  EXPECT_EQ(shape(layers::conv2d(6, 3, {.padding = {1, 0, 2, 1}})), "[N,7,9,6]");
  EXPECT_EQ(shape(layers::conv2d(6, 3, {.dilation = 2})), "[N,4,4,6]");
  EXPECT_EQ(shape(layers::conv2d(6, 3, {.stride = 3, .padding = Padding::same})), "[N,3,3,6]");
  EXPECT_EQ(shape(layers::conv2d(6, 1, {.groups = 3})), "[N,8,8,6]");
  EXPECT_EQ(shape(layers::depthwise_conv2d(3, {.multiplier = 2})), "[N,6,6,6]");
  EXPECT_EQ(shape(layers::max_pool2d(3)), "[N,2,2,3]");
  EXPECT_EQ(shape(layers::avg_pool2d(3, {.stride = 1, .padding = Padding::same})), "[N,8,8,3]");
  EXPECT_EQ(shape(layers::global_max_pool2d()), "[N,3]");
  EXPECT_EQ(shape(layers::flatten()), "[N,192]");
  EXPECT_EQ(shape(layers::reshape({16, 12})), "[N,16,12]");
  EXPECT_EQ(shape(layers::dropout(0.3)), "[N,8,8,3]");
  EXPECT_EQ(shape(layers::batch_norm()), "[N,8,8,3]");
  EXPECT_EQ(shape(layers::softmax()), "[N,8,8,3]");
  EXPECT_EQ(shape(layers::subsample(2, 5)), "[N,4,4,5]");
}

TEST(Building, ALayerCalledTwiceSharesItsWeights) {
  Scope s("siamese", small());
  const Layer tower = layers::conv2d(4, 3, {.padding = Padding::same, .name = "tower"});
  const std::vector<Layer> copies(1, tower);
  const Value left = tower(s, s.images());
  const Value right = copies[0](s, layers::relu()(s, s.images()));
  const Value y = layers::global_avg_pool2d()(s, layers::concat()(s, left, right));
  const Model model = s.build(layers::dense(2)(s, y));
  EXPECT_EQ(states(model), 4);  // the tower's kernel and bias, the dense layer's
  EXPECT_TRUE(model.graph().contains("tower/conv2d_2"));
}

TEST(Building, ASharedLayerRefusesAnotherShapeAndBatchNorm) {
  Scope s("siamese", small());
  const Layer tower = layers::conv2d(4, 3, {.name = "tower"});
  const Value once = tower(s, s.images());
  try {
    tower(s, once);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(),
                 "[tower] its kernel is shared and [3,3,3,4] from its first call, this call needs "
                 "[3,3,4,4]; give it a value of the same shape, or make a second layer");
  }
  const Layer bn = layers::batch_norm();
  bn(s, once);
  EXPECT_THROW(bn(s, once), InvalidArgument);
}

// As if it had not been called: no name is taken, no tensor is left.
TEST(Building, ARefusedLayerMayBeCalledAgain) {
  Scope s("again", small());
  Value x = layers::conv2d(4, 3)(s, s.images());
  const auto count = s.graph().nodes().size();
  const Layer dense = layers::dense(2);
  EXPECT_THROW(dense(s, x), InvalidArgument);
  const Layer block([](Scope& scope, Value value) {
    value = layers::conv2d(4, 3, {.name = "first"})(scope, value);
    return layers::conv2d(4, 99, {.name = "second"})(scope, value);
  });
  EXPECT_THROW(block(s, x), InvalidArgument);
  EXPECT_THROW(layers::conv2d(8, 99, {.name = "large"})(s, x), InvalidArgument);
  EXPECT_EQ(s.graph().nodes().size(), count);
  x = layers::conv2d(8, 3, {.name = "large"})(s, x);
  const Model model = s.build(dense(s, layers::flatten()(s, x)));
  EXPECT_TRUE(model.graph().contains("dense1/kernel"));
  EXPECT_TRUE(model.graph().contains("large/kernel"));
  EXPECT_EQ(states(model), 6);
}

// Its first call stays.
TEST(Building, ASharedLayerThatIsRefusedTheSecondTimeKeepsItsFirst) {
  Scope s("shared", small());
  const Layer tower = layers::conv2d(4, 3, {.name = "tower"});
  const Value once = tower(s, s.images());
  EXPECT_THROW(tower(s, once), InvalidArgument);
  const Value again = tower(s, layers::relu()(s, s.images()));
  const Value y = layers::global_avg_pool2d()(s, layers::add()(s, once, again));
  EXPECT_EQ(states(s.build(layers::dense(2)(s, y))), 4);
}

// x sigmoid(b x), with a b of its own for each channel.
Value swish(Scope& s, Value x) {
  const Value b = s.parameter("b", {s.shape(x).back()}, Initializer::ones);
  return ops::multiply(s.graph(), x, ops::sigmoid(s.graph(), ops::scale_axis(s.graph(), x, b)));
}

TEST(Building, AnOwnLayerIsAFunction) {
  const Model model = Sequential("own", small())
                          .conv2d(4, 3, {.bias = false})
                          .add(swish)
                          .add(swish, "last")
                          .global_avg_pool2d()
                          .dense(2)
                          .build();
  EXPECT_TRUE(model.graph().contains("layer1/b"));
  EXPECT_TRUE(model.graph().contains("layer1/multiply"));
  EXPECT_TRUE(model.graph().contains("last/sigmoid"));
  std::vector<std::string> names;
  for (const LayerInfo& layer : model.layers()) names.push_back(layer.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"scale", "conv1", "layer1", "last", "pool1", "dense1"}));
}

// A residual block as an own layer: the layers inside have names behind its own.
Value residual(Scope& s, Value x) {
  const std::int64_t channels = s.shape(x).back();
  const Value y =
      layers::batch_norm()(s, layers::conv2d(channels, 3, {.padding = Padding::same})(s, x));
  return layers::relu()(s, layers::add()(s, x, y));
}

TEST(Building, LayersWithinAnOwnLayerAreNamedByIt) {
  const Model model =
      Sequential("blocks", small()).add(residual).add(residual).flatten().dense(2).build();
  EXPECT_TRUE(model.graph().contains("layer1/conv1/kernel"));
  EXPECT_TRUE(model.graph().contains("layer2/bn1/gamma"));
  EXPECT_TRUE(model.graph().contains("state/layer2/bn1/updates_seen"));
}

TEST(Building, AnOwnLayerOfSeveralValuesNamesWhatItAdds) {
  const Layer gated(
      [](Scope& s, const std::vector<Value>& x) {
        return ops::multiply(s.graph(), x[0], ops::sigmoid(s.graph(), x[1]));
      },
      2, "gate");
  Scope s("gated", small());
  const Value x = layers::conv2d(3, 1)(s, s.images());
  const Value y = gated(s, x, x);
  EXPECT_EQ(s.graph().node(y).name.rfind("gate", 0), 0U) << s.graph().node(y).name;
  EXPECT_EQ(s.graph().node(s.graph().node(y).inputs[1]).name.rfind("gate/", 0), 0U);
  try {
    gated(s, x);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("[gate] expected 2 value(s), got 1"));
  }
}

TEST(Building, AnOwnLayerSharedSharesWhatIsInside) {
  const Layer block(
      [](Scope& s, Value x) { return layers::conv2d(3, 1)(s, layers::conv2d(3, 1)(s, x)); },
      "block");
  Scope s("twice", small());
  const Value y = block(s, block(s, s.images()));
  const Model model = s.build(layers::dense(2)(s, layers::flatten()(s, y)));
  EXPECT_EQ(states(model), 2 * 2 + 2);
}

// As TensorFlow's: what is odd of the padding goes behind.
TEST(Building, SamePaddingThatIsOddGoesBehind) {
  const auto padding_of = [](std::int64_t window, std::int64_t stride) {
    Scope s("same", image(8, 7, 1));
    const Value y = layers::conv2d(
        1, window, {.stride = stride, .padding = Padding::same, .bias = false})(s, s.images());
    return std::get<Conv2d>(s.graph().node(y).op).padding;
  };
  EXPECT_EQ(padding_of(2, 1), (Padding4{0, 1, 0, 1}));
  EXPECT_EQ(padding_of(3, 2), (Padding4{0, 1, 1, 1}));
  EXPECT_EQ(padding_of(4, 1), (Padding4{1, 2, 1, 2}));
  EXPECT_EQ(padding_of(5, 3), (Padding4{1, 2, 2, 2}));
}

TEST(Building, ADepthwiseConvolutionsBiasBeginsWithItsInitialValue) {
  Scope s("bias", small());
  layers::depthwise_conv2d(3, {.bias_value = InitialValue::constant(0.25)})(s, s.images());
  layers::depthwise_conv2d(3)(s, s.images());
  const auto bias = [&](const char* name) {
    return std::get<State>(s.graph().node(s.graph().find(name)).op);
  };
  EXPECT_EQ(bias("conv1/bias").initializer, Initializer::constant);
  EXPECT_EQ(bias("conv1/bias").value, 0.25);
  EXPECT_EQ(bias("conv1/bias").role, Role::bias);
  EXPECT_EQ(bias("conv2/bias").initializer, Initializer::zeros);
}

TEST(Building, DefaultNamesGoAroundGivenOnes) {
  Scope s("names", small());
  layers::relu("relu1")(s, s.images());
  const Value y = layers::relu()(s, s.images());
  EXPECT_EQ(s.graph().node(y).name, "relu2");
}

}  // namespace
}  // namespace evenkeel
