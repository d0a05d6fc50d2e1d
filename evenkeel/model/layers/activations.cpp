// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers/activations.h"

#include "evenkeel/base/error.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {
namespace {

Layer elementwise(std::string name, const Op& op) {
  return Layer(std::string(name_of(op)), std::move(name),
               [op](Scope& scope, const std::vector<Value>& x) { return add_node(scope, op, x); });
}

}  // namespace

std::optional<Op> op_of(Activation activation) {
  switch (activation) {
    case Activation::none:
      return std::nullopt;
    case Activation::relu:
      return Relu{};
    case Activation::leaky_relu:
      return LeakyRelu{};
    case Activation::relu6:
      return Relu6{};
    case Activation::sigmoid:
      return Sigmoid{};
    case Activation::tanh:
      return Tanh{};
    case Activation::softmax:
      return Softmax{};
  }
  return std::nullopt;
}

Value activate(Scope& scope, Value y, Activation activation) {
  const std::optional<Op> op = op_of(activation);
  return op ? add_node(scope, *op, {y}, name_of(*op)) : y;
}

Layer activation_layer(Activation activation) {
  const std::optional<Op> op = op_of(activation);
  if (!op) throw InvalidArgument("activation", "expected one, got none; leave the layer out");
  return elementwise("", *op);
}

Layer relu(std::string name) { return elementwise(std::move(name), Relu{}); }
Layer relu6(std::string name) { return elementwise(std::move(name), Relu6{}); }
Layer sigmoid(std::string name) { return elementwise(std::move(name), Sigmoid{}); }
Layer tanh(std::string name) { return elementwise(std::move(name), Tanh{}); }
Layer softmax(std::string name) { return elementwise(std::move(name), Softmax{}); }
Layer leaky_relu(double slope, std::string name) {
  return elementwise(std::move(name), LeakyRelu{slope});
}

}  // namespace evenkeel::layers
