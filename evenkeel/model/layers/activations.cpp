// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {
namespace {

template <typename OpType>
Layer elementwise(std::string name, OpType op) {
  return Layer(std::string(OpType::name), std::move(name),
               [op](Scope& scope, const std::vector<Value>& x) { return add_node(scope, op, x); });
}

}  // namespace

Layer relu(std::string name) { return elementwise(std::move(name), Relu{}); }
Layer relu6(std::string name) { return elementwise(std::move(name), Relu6{}); }
Layer sigmoid(std::string name) { return elementwise(std::move(name), Sigmoid{}); }
Layer tanh(std::string name) { return elementwise(std::move(name), Tanh{}); }
Layer softmax(std::string name) { return elementwise(std::move(name), Softmax{}); }
Layer leaky_relu(double slope, std::string name) {
  return elementwise(std::move(name), LeakyRelu{slope});
}

}  // namespace evenkeel::layers
