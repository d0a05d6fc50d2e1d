// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {

Layer batch_norm(const BatchNormOptions& options) {
  return Layer("bn", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    scope.require(!scope.shared(),
                  "batch norm cannot be shared: each place sees values of its own, and moving "
                  "statistics of both would fit neither; make one for each place");
    const Shape shape = scope.shape(x[0]);
    scope.require(shape.rank() >= 2, "expected [N,..,C], got " + to_string(shape));
    const std::string layer = scope.layer();
    const Shape channels = {shape.back()};
    const Value gamma = scope.parameter("gamma", channels, Initializer::ones, Role::gamma);
    const Value beta = scope.parameter("beta", channels, Initializer::zeros, Role::beta);
    const Value mean =
        scope.parameter("moving_mean", channels, Initializer::zeros, Role::statistic);
    const Value variance =
        scope.parameter("moving_variance", channels, Initializer::ones, Role::statistic);
    const State counter{{DType::i64, {}}, Role::statistic};
    const Value seen = scope.graph().add(counter, {}, "state/" + layer + "/updates_seen");
    const BatchNorm op{options.epsilon, options.decay.kept(), options.count_weighted,
                       options.variance};
    return add_node(scope, op, {x[0], gamma, beta, mean, variance, seen});
  });
}

}  // namespace evenkeel::layers
