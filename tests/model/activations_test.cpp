// SPDX-License-Identifier: Apache-2.0
// Which op each activation is: as an option of a layer, of a network, and as a layer of its own.
#include "evenkeel/model/layers/activations.h"

#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/networks.h"

namespace evenkeel {
namespace {

// In the order of Activation, behind none.
std::vector<Op> activation_ops() {
  return {Relu{}, LeakyRelu{0.01}, Relu6{}, Sigmoid{}, Tanh{}, Softmax{}};
}

Activation numbered_activation(std::size_t place) { return static_cast<Activation>(place + 1); }

TEST(Activations, AreAllHere) {
  EXPECT_EQ(numbered_activation(activation_ops().size() - 1), Activation::softmax);
}

TEST(Activations, AsAnOptionAreTheOpBehindTheLayer) {
  const std::vector<Op> ops = activation_ops();
  for (std::size_t i = 0; i < ops.size(); ++i) {
    SCOPED_TRACE(name_of(ops[i]));
    const Activation activation = numbered_activation(i);
    Scope s("options", image(6, 6, 2));
    const Value conv = layers::conv2d(3, 2, {.activation = activation})(s, s.images());
    const Value depthwise = layers::depthwise_conv2d(2, {.activation = activation})(s, conv);
    const Value dense =
        layers::dense(4, {.activation = activation})(s, layers::flatten()(s, depthwise));
    for (const auto& [value, layer] :
         {std::pair{conv, "conv1/"}, std::pair{depthwise, "conv2/"}, std::pair{dense, "dense1/"}}) {
      EXPECT_TRUE(s.graph().node(value).op == ops[i]);
      EXPECT_EQ(s.graph().node(value).name, std::string(layer).append(name_of(ops[i])));
    }
  }
}

TEST(Activations, AsAnOptionOfMlpAreLayersOfTheirOwn) {
  const std::vector<Op> ops = activation_ops();
  for (std::size_t i = 0; i < ops.size(); ++i) {
    SCOPED_TRACE(name_of(ops[i]));
    const Graph graph = mlp({.widths = {5}, .activation = numbered_activation(i)}).graph();
    const std::string name = std::string(name_of(ops[i])) + "1";
    ASSERT_TRUE(graph.contains(name));
    EXPECT_TRUE(graph.node(graph.find(name)).op == ops[i]);
  }
}

TEST(Activations, NoneAddsNothing) {
  Scope s("none", image(6, 6, 2));
  const Value y = layers::conv2d(3, 2, {.activation = Activation::none})(s, s.images());
  EXPECT_TRUE(std::holds_alternative<BiasAdd>(s.graph().node(y).op));
  const Model plain = mlp({.widths = {5}, .activation = Activation::none, .batch_norm = false});
  EXPECT_EQ(plain.layers().size(), 4U) << "scale, flatten1, dense1, dense2";
  EXPECT_THROW(layers::activation_layer(Activation::none), InvalidArgument);
}

TEST(Activations, LayersOfTheirNamesAreTheirOps) {
  Scope s("layers", image(6, 6, 2));
  const auto op_by = [&](const Layer& layer) { return s.graph().node(layer(s, s.images())).op; };
  EXPECT_TRUE(op_by(layers::relu()) == Op(Relu{}));
  EXPECT_TRUE(op_by(layers::leaky_relu()) == Op(LeakyRelu{0.01}));
  EXPECT_TRUE(op_by(layers::leaky_relu(0.3)) == Op(LeakyRelu{0.3}));
  EXPECT_TRUE(op_by(layers::relu6()) == Op(Relu6{}));
  EXPECT_TRUE(op_by(layers::sigmoid()) == Op(Sigmoid{}));
  EXPECT_TRUE(op_by(layers::tanh()) == Op(Tanh{}));
  EXPECT_TRUE(op_by(layers::softmax()) == Op(Softmax{}));
}

}  // namespace
}  // namespace evenkeel
