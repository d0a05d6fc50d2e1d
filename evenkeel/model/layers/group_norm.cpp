// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"
#include "evenkeel/model/layers/norm.h"

namespace evenkeel::layers {
namespace {

Value add_group_norm(Scope& scope, Value x, std::int64_t groups, const GroupNormOptions& options) {
  const auto inputs = with_gamma_and_beta(scope, x, options.scale, options.center);
  return add_node(scope, GroupNorm{groups, options.epsilon}, inputs);
}

Shape require_channels(Scope& scope, Value x) {
  Shape shape = scope.shape(x);
  scope.require(shape.rank() >= 2, "expected [N,..,C], got " + to_string(shape));
  return shape;
}

}  // namespace

Layer group_norm(std::int64_t groups, const GroupNormOptions& options) {
  return Layer("gn", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    const Shape shape = require_channels(scope, x[0]);
    const std::int64_t C = shape.back();
    scope.require(groups >= 1 && C % groups == 0, "expected groups that divide its " +
                                                      std::to_string(C) + " channels, got " +
                                                      std::to_string(groups));
    scope.require(shape.elements_per_sample() > groups,
                  "expected groups of two values or more, got " + std::to_string(groups) +
                      " groups of one in " + to_string(shape) +
                      ": each would be its own mean; take fewer groups, or batch_norm()");
    return add_group_norm(scope, x[0], groups, options);
  });
}

Layer instance_norm(const GroupNormOptions& options) {
  return Layer("in", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    const Shape shape = require_channels(scope, x[0]);
    scope.require(shape.elements_per_sample() > shape.back(),
                  "expected two positions or more in each channel, got " + to_string(shape) +
                      ": a single value is its own mean; call instance_norm() before pooling or "
                      "flatten(), or take layer_norm()");
    return add_group_norm(scope, x[0], shape.back(), options);
  });
}

}  // namespace evenkeel::layers
