// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/activations.h"
#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {

Layer dense(std::int64_t units, const DenseOptions& options) {
  return Layer("dense", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    const Shape shape = scope.shape(x[0]);
    scope.require(shape.rank() == 2, "expected [N, features], got " + to_string(shape) +
                                         ": call flatten() before dense(), or a global pooling");
    scope.require(units > 0, "expected a positive number of units, got " + std::to_string(units));
    const Value W = scope.parameter("kernel", {shape[1], units}, options.kernel);
    Value y = add_node(scope, MatMul{}, {x[0], W}, "matmul");
    if (options.bias) {
      const Value b = scope.parameter("bias", {units}, options.bias_value, Role::bias);
      y = add_node(scope, BiasAdd{}, {y, b}, "bias_add");
    }
    return activate(scope, y, options.activation);
  });
}

}  // namespace evenkeel::layers
