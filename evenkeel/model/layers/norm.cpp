// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers/norm.h"

#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {

std::vector<Value> with_gamma_and_beta(Scope& scope, Value x, bool scale, bool center) {
  const ValueType channels = {scope.type(x).dtype, {scope.shape(x).back()}};
  const Value gamma = scale
                          ? scope.parameter("gamma", channels.shape, Initializer::ones, Role::gamma)
                          : add_node(scope, Constant{channels, 1}, {}, "ones");
  const Value beta = center
                         ? scope.parameter("beta", channels.shape, Initializer::zeros, Role::beta)
                         : add_node(scope, Constant{channels, 0}, {}, "zeros");
  return {x, gamma, beta};
}

}  // namespace evenkeel::layers
