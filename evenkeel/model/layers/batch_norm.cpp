// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "evenkeel/graph/text_cursor.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"
#include "evenkeel/model/layers/batch_rule.h"
#include "evenkeel/model/layers/channels_last.h"

namespace evenkeel::layers {
namespace {

// Of values that a call takes.
constexpr std::size_t kAnyNumber = 0;

// What gamma or beta is told.
struct Parameter {
  const char* name;
  Role role;
  bool wanted;
  const char* option;  // that leaves it out
  InitialValue initial;
  Penalty penalty;
  Constraint constraint;
};

Parameter gamma_of(const BatchNormOptions& options) {
  return {"gamma",       Role::gamma,           options.scale,           "scale",
          options.gamma, options.gamma_penalty, options.gamma_constraint};
}
Parameter beta_of(const BatchNormOptions& options) {
  return {"beta",       Role::beta,           options.center,         "center",
          options.beta, options.beta_penalty, options.beta_constraint};
}

bool drawn(const InitialValue& initial) {
  return by_fans(initial.initializer) || initial.initializer == Initializer::truncated_normal;
}

State state_of(const Scope& scope, const std::string& name, const Shape& shape, Role role,
               const InitialValue& initial) {
  scope.require(!by_fans(initial.initializer),
                name + ": expected zeros, ones, constant or truncated_normal to begin with, got " +
                    std::string(EnumNames<Initializer>::names.at(
                        static_cast<std::size_t>(initial.initializer))) +
                    ", which is for kernels");
  scope.require(
      std::isfinite(initial.value),
      name + ": expected a finite value to begin with, got " + std::to_string(initial.value));
  return {{DType::f32, shape}, role, initial.initializer, initial.value};
}

Value add_state(Scope& scope, const std::string& name, const State& state) {
  const GraphPrefix none(scope.graph(), "");
  return scope.graph().add(state, {}, scope.layer() + "/" + name);
}

// The state; a constant 1 or 0 where the layer is to have none.
Value add_parameter(Scope& scope, const Parameter& parameter, const Shape& channels, bool frozen) {
  const std::string name = parameter.name;
  const bool gamma = parameter.role == Role::gamma;
  const Penalty& penalty = parameter.penalty;
  const Constraint& constraint = parameter.constraint;
  if (!parameter.wanted) {
    const bool plain =
        penalty.l1 == 0 && penalty.l2 == 0 && constraint.bound() == Bound::none &&
        parameter.initial.initializer == (gamma ? Initializer::ones : Initializer::zeros);
    scope.require(plain, name +
                             ": expected no initial value, penalty or constraint, as there is "
                             "no " +
                             name + " with " + parameter.option + " = false");
    return add_node(scope, Constant{{DType::f32, channels}, gamma ? 1.0 : 0.0}, {},
                    gamma ? "ones" : "zeros");
  }
  const auto fits = [&](const std::string& fault) {
    scope.require(fault.empty(), name + ": expected " + fault);
  };
  fits(penalty_fault(penalty.l1, penalty.l2));
  State state = state_of(scope, name, channels, parameter.role, parameter.initial);
  state.l1 = penalty.l1;
  state.l2 = penalty.l2;
  state.bound = constraint.bound();
  state.low = constraint.smallest();
  state.high = constraint.largest();
  state.rate = constraint.rate();
  state.frozen = frozen;
  fits(bound_fault({state.bound, state.low, state.high, state.rate}));
  return add_state(scope, name, state);
}

void require_sensible(const Scope& scope, const BatchNormOptions& options) {
  scope.require(options.epsilon > 0 && std::isfinite(options.epsilon),
                "expected epsilon above 0, got " + number_text(options.epsilon));
  scope.require(options.count_weighted || !options.decay.cumulative(),
                "Cumulative{} weighs each update by their count: expected .count_weighted to stay "
                "true, got false; take Decay::keep() for a plain rule");
  const InitialValue& variance = options.moving_variance;
  scope.require(!drawn(variance) && variance.value >= 0 && std::isfinite(variance.value),
                "moving_variance: expected zeros, ones or a finite constant of at least 0 to begin "
                "with, got " +
                    (drawn(variance) ? std::string("a random one") : number_text(variance.value)));
}

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

// The states that renorm has beside the others where it moves deviations, of which the moving one
// begins where the moving variance does.
void add_deviations(Scope& scope, const Shape& channels, const InitialValue& variance,
                    std::vector<Value>& inputs) {
  InitialValue deviation = variance;
  deviation.value = std::sqrt(variance.value);
  for (const auto& [name, initial] :
       {std::pair("moving_deviation", deviation),
        std::pair("renorm_mean", InitialValue(Initializer::zeros)),
        std::pair("renorm_deviation", InitialValue(Initializer::ones))})
    inputs.push_back(
        add_state(scope, name, state_of(scope, name, channels, Role::statistic, initial)));
}

// values: x, or x and a weight for each sample.
Value add_batch_norm(Scope& scope, const std::vector<Value>& values,
                     const BatchNormOptions& options) {
  scope.require(values.size() <= 2, "expected x, or x and a weight for each sample, got " +
                                        std::to_string(values.size()) + " values");
  scope.require(!scope.shared(),
                "batch norm cannot be shared: each place sees values of its own, and moving "
                "statistics of both would fit neither; make one for each place");
  const Shape shape = scope.shape(values[0]);
  scope.require(shape.rank() >= 2, "expected [N,..,C], got " + to_string(shape));
  require_sensible(scope, options);
  BatchNorm op{options.epsilon, options.decay.kept(), options.count_weighted, options.variance};
  op.frozen = options.frozen;
  op.batch = rule_of(options.batch);
  if (values.size() == 2) require_weights(scope, op, values[1]);
  const ChannelsLast arrangement(scope, values[0], options.axes);
  const Value x = arrangement.arrange(scope, values[0]);
  const Shape channels = {scope.shape(x).back()};
  const auto statistic = [&](const char* name, const InitialValue& initial) {
    return add_state(scope, name, state_of(scope, name, channels, Role::statistic, initial));
  };
  std::vector<Value> inputs = {x};
  inputs.push_back(add_parameter(scope, gamma_of(options), channels, options.frozen));
  inputs.push_back(add_parameter(scope, beta_of(options), channels, options.frozen));
  inputs.push_back(statistic("moving_mean", options.moving_mean));
  inputs.push_back(statistic("moving_variance", options.moving_variance));
  const State counter{{DType::i64, {}}, Role::statistic};
  inputs.push_back(scope.graph().add(counter, {}, "state/" + scope.layer() + "/updates_seen"));
  if (moves_deviation(op.batch)) add_deviations(scope, channels, options.moving_variance, inputs);
  inputs.insert(inputs.end(), values.begin() + 1, values.end());
  return arrangement.restore(scope, add_node(scope, op, inputs));
}

}  // namespace

Layer batch_norm(const BatchNormOptions& options) {
  const auto function = [=](Scope& scope, const std::vector<Value>& values) {
    return add_batch_norm(scope, values, options);
  };
  return Layer("bn", options.name, function, kAnyNumber);
}

Layer batch_norm_by_preset(Preset preset, std::string name) {
  const auto function = [=](Scope& scope, const std::vector<Value>& values) {
    return add_batch_norm(scope, values, options_of(preset, scope.shape(values[0]).rank()));
  };
  return Layer("bn", std::move(name), function, kAnyNumber);
}

}  // namespace evenkeel::layers
