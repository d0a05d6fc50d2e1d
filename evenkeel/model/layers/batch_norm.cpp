// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"
#include "evenkeel/model/layers/batch_rule.h"

namespace evenkeel::layers {
namespace {

void require_weights(const Scope& scope, const BatchNorm& op, Value weights) {
  scope.require(std::holds_alternative<WholeRule>(op.batch),
                "expected weights of samples with a whole batch, got them with ghost or renorm, "
                "which have no weighted form; drop one of the two");
  scope.require(op.variance == MovingVariance::population,
                "expected the population's moving variance with weights, got the sample's, which "
                "weights do not have; use MovingVariance::population");
  const ValueType wanted = {DType::f32, {kBatch}};
  scope.require(scope.type(weights) == wanted,
                "expected a weight for each sample, f32[N], got " + to_string(scope.type(weights)));
}

}  // namespace

Layer batch_norm(const BatchNormOptions& options) {
  const auto function = [=](Scope& scope, const std::vector<Value>& x) {
    scope.require(x.size() <= 2, "expected x, or x and a weight for each sample, got " +
                                     std::to_string(x.size()) + " values");
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
    BatchNorm op{options.epsilon, options.decay.kept(), options.count_weighted, options.variance};
    op.batch = rule_of(options.batch);
    std::vector<Value> inputs = {x[0], gamma, beta, mean, variance, seen};
    if (moves_deviation(op.batch)) {
      const auto statistic = [&](const char* name, Initializer initial) {
        inputs.push_back(scope.parameter(name, channels, initial, Role::statistic));
      };
      statistic("moving_deviation", Initializer::ones);
      statistic("renorm_mean", Initializer::zeros);
      statistic("renorm_deviation", Initializer::ones);
    }
    if (x.size() == 2) require_weights(scope, op, x[1]);
    inputs.insert(inputs.end(), x.begin() + 1, x.end());
    return add_node(scope, op, inputs);
  };
  constexpr std::size_t kAnyNumber = 0;
  return Layer("bn", options.name, function, kAnyNumber);
}

}  // namespace evenkeel::layers
