// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"
#include "evenkeel/model/layers/norm.h"

namespace evenkeel::layers {

Layer layer_norm(const LayerNormOptions& options) {
  return Layer("ln", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    const Shape shape = scope.shape(x[0]);
    scope.require(shape.rank() >= 2, "expected [N,..,C], got " + to_string(shape));
    scope.require(shape.back() >= 2, "expected two channels or more, got " + to_string(shape) +
                                         ": a single value is its own mean; call flatten() before "
                                         "layer_norm(), or take group_norm(1)");
    const auto inputs = with_gamma_and_beta(scope, x[0], options.scale, options.center);
    return add_node(scope, LayerNorm{options.epsilon}, inputs);
  });
}

}  // namespace evenkeel::layers
