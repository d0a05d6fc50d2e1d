// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/networks.h"

namespace evenkeel {
namespace {

Value activate(Scope& scope, Value x, Activation activation) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return layers::relu()(scope, x);
    case Activation::leaky_relu:
      return layers::leaky_relu()(scope, x);
    case Activation::relu6:
      return layers::relu6()(scope, x);
    case Activation::sigmoid:
      return layers::sigmoid()(scope, x);
    case Activation::tanh:
      return layers::tanh()(scope, x);
    case Activation::softmax:
      return layers::softmax()(scope, x);
  }
  return x;
}

}  // namespace

Model mlp(const MlpOptions& options) {
  Scope scope("mlp", options.input);
  Value x = layers::flatten()(scope, scope.images());
  for (const std::int64_t width : options.widths) {
    // Batch norm's beta is the bias.
    x = layers::dense(width, {.bias = !options.batch_norm})(scope, x);
    if (options.batch_norm) x = layers::batch_norm()(scope, x);
    x = activate(scope, x, options.activation);
  }
  return scope.build(layers::dense(options.classes)(scope, x));
}

}  // namespace evenkeel
