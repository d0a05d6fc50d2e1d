// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/activations.h"
#include "evenkeel/model/networks.h"

namespace evenkeel {

Model mlp(const MlpOptions& options) {
  Scope scope("mlp", options.input);
  Value x = layers::flatten()(scope, scope.images());
  for (const std::int64_t width : options.widths) {
    // Batch norm's beta is the bias.
    x = layers::dense(width, {.bias = !options.batch_norm})(scope, x);
    if (options.batch_norm) x = layers::batch_norm()(scope, x);
    if (options.activation != Activation::none)
      x = layers::activation_layer(options.activation)(scope, x);
  }
  return scope.build(layers::dense(options.classes)(scope, x));
}

}  // namespace evenkeel
