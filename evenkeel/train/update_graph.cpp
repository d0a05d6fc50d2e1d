// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/update_graph.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "evenkeel/train/orthogonal.h"

namespace evenkeel {
namespace {

Value input_named(Graph& graph, const std::string& name, DType dtype) {
  if (graph.contains(name)) return {graph.find(name), 0};
  return graph.add(Input{{dtype, Shape{}}}, {}, name);
}

// Adds each parameter's update rule, whichever the optimiser is.
class Updates {
 public:
  Updates(Graph& graph, const Optimizer& optimizer)
      : graph_(graph),
        name_(name_of(optimizer)),
        rate_(input_named(graph, "learning_rate", DType::f64)),
        decays_(decays_of(optimizer)) {}

  void add(const Adam& adam, Value p, Value g) {
    const AdamUpdate rule{adam.beta1, adam.beta2, adam.epsilon, adam.form, share(adam.l2, p), 0};
    add_adam(rule, p, g, rate_);
  }
  void add(const AdamW& adam, Value p, Value g) { add_adam(rule_of(adam, p), p, g, rate_); }
  void add(const Sgd& sgd, Value p, Value g) {
    const SgdUpdate rule{sgd.momentum, sgd.nesterov, share(sgd.l2, p)};
    std::vector<Value> changed = {p};
    if (rule.has_velocity()) changed.push_back(slot("velocity", p));
    finish(rule, changed, {g, rate_});
  }
  void add(const Rmsprop& rmsprop, Value p, Value g) {
    const RmspropUpdate rule{rmsprop.decay, rmsprop.epsilon, rmsprop.momentum,
                             share(rmsprop.l2, p)};
    std::vector<Value> changed = {p, slot("square", p)};
    if (rule.has_velocity()) changed.push_back(slot("velocity", p));
    finish(rule, changed, {g, rate_});
  }
  void add(const Adagrad& adagrad, Value p, Value g) {
    finish(AdagradUpdate{adagrad.epsilon, share(adagrad.l2, p)}, {p, slot("square", p)},
           {g, rate_});
  }
  void add(const Muon& muon, Value p, Value g) {
    const Shape shape = graph_.type(p).shape;
    const std::int64_t K = shape.rank() > 1 ? shape.back() : 1;
    const std::int64_t rows = shape.elements() / K;
    if (!is_kernel(p) || K == 1 || rows == 1) {
      const Value rate =
          graph_.add(Scale{muon.other_factor, DType::f64}, {rate_}, "learning_rate/other");
      return add_adam(rule_of(AdamW{.weight_decay = muon.weight_decay}, p), p, g, rate);
    }
    const std::string name = graph_.node(p).name + "/" + name_;
    const Value u = gathered(muon, p, g, name);
    const Value matrix = graph_.add(Reshape{{rows, K}}, {u}, name + "/matrix");
    const Value o = add_orthogonalised(graph_, matrix, name);
    const double factor = std::sqrt(std::max(1.0, static_cast<double>(K) / rows));
    const Value scaled = graph_.add(Scale{factor, graph_.type(p).dtype}, {o}, name + "/direction");
    const Value back = graph_.add(Reshape{shape}, {scaled}, name + "/direction");
    // SGD by what is orthogonal now. Its l2 is a decay that is decoupled: it was not gathered.
    finish(SgdUpdate{0, false, share(muon.weight_decay, p)}, {p}, {back, rate_});
  }

 private:
  Role role_of(Value p) const { return std::get<State>(graph_.node(p).op).role; }
  bool is_kernel(Value p) const { return role_of(p) == Role::parameter; }
  double share(double decay, Value p) const { return decays_.includes(role_of(p)) ? decay : 0; }
  AdamUpdate rule_of(const AdamW& adam, Value p) const {
    return {adam.beta1,        adam.beta2, adam.epsilon,
            AdamForm::pytorch, 0,          share(adam.weight_decay, p)};
  }
  // v <- momentum v + g, which is also the result unless Nesterov looks a step ahead.
  Value gathered(const Muon& muon, Value p, Value g, const std::string& name) {
    if (muon.momentum == 0) return g;
    const Scale by_momentum{muon.momentum, graph_.type(p).dtype};
    const auto with_gradient = [&](Value v) {
      const Value kept = graph_.add(by_momentum, {v}, name + "/kept");
      return graph_.add(Add{}, {kept, g}, name + "/gathered");
    };
    const Value v = slot("velocity", p);
    const Value moved = with_gradient(v);
    graph_.update(v, moved);
    return muon.nesterov ? with_gradient(moved) : moved;
  }
  Value slot(const std::string& kind, Value p) {
    const Node parameter = graph_.node(p);
    return graph_.add(State{parameter.outputs[0], Role::slot, Initializer::zeros, 0}, {},
                      "state/" + name_ + "/" + kind + "/" + parameter.name);
  }
  void add_adam(const AdamUpdate& rule, Value p, Value g, Value rate) {
    const Value step = input_named(graph_, "step", DType::i64);
    const Value m = slot("m", p);
    finish(rule, {p, m, slot("v", p)}, {g, rate, step});
  }
  // Outputs are what is changed, in order, and the count of gradients that are not finite.
  template <typename Rule>
  void finish(const Rule& rule, const std::vector<Value>& changed,
              const std::vector<Value>& others) {
    std::vector<Value> inputs = changed;
    inputs.insert(inputs.end(), others.begin(), others.end());
    const std::string name = graph_.node(changed[0]).name + "/" + name_;
    const NodeId node = graph_.add(rule, std::move(inputs), name).node;
    graph_.update(changed[0], constrained(changed[0], {node, 0}));
    for (std::uint32_t i = 1; i < changed.size(); ++i) graph_.update(changed[i], {node, i});
    graph_.check_after({node, static_cast<std::uint32_t>(changed.size())});
  }

  // What an update has made of p, within p's own bounds.
  Value constrained(Value p, Value updated) {
    const Node& parameter = graph_.node(p);
    const auto& state = std::get<State>(parameter.op);
    if (state.bound == Bound::none) return updated;
    const Constrain rule{state.bound, state.low, state.high, state.rate};
    return graph_.add(rule, {updated}, parameter.name + "/constrained");
  }

  Graph& graph_;
  std::string name_;
  Value rate_;
  const DecayRoles& decays_;
};

// Each gradient with that of its parameter's own penalty.
std::vector<Value> penalised(Graph& graph, const std::vector<Value>& parameters,
                             std::vector<Value> gradients) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Node& parameter = graph.node(parameters[i]);
    const auto& state = std::get<State>(parameter.op);
    if (!state.penalised()) continue;
    const PenaltyGrad rule{state.l1, state.l2};
    gradients[i] = graph.add(rule, {gradients[i], parameters[i]}, parameter.name + "/penalty");
  }
  return gradients;
}

// Each gradient times min(1, largest / norm over all).
std::vector<Value> clipped(Graph& graph, const std::vector<Value>& gradients, double largest) {
  std::vector<Value> result;
  if (gradients.empty()) return result;
  Value sum = graph.add(SquaredNorm{}, {gradients[0]}, "gradients/squares");
  for (std::size_t i = 1; i < gradients.size(); ++i) {
    const Value next = graph.add(SquaredNorm{}, {gradients[i]}, "gradients/squares");
    sum = graph.add(Add{}, {sum, next}, "gradients/sum");
  }
  const DType dtype = graph.type(gradients[0]).dtype;
  const Value factor = graph.add(ClipFactor{largest, dtype}, {sum}, "gradients/clip");
  result.reserve(gradients.size());
  for (const Value gradient : gradients)
    result.push_back(graph.add(ScaleAxis{0}, {gradient, factor}, "gradients/clipped"));
  return result;
}

}  // namespace

void add_updates(Graph& graph, const Optimizer& optimizer, const std::vector<Value>& parameters,
                 const std::vector<Value>& gradients) {
  const double largest = clip_norm_of(optimizer);
  std::vector<Value> used = penalised(graph, parameters, gradients);
  if (largest > 0) used = clipped(graph, used, largest);
  Updates updates(graph, optimizer);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    std::visit([&](const auto& settings) { updates.add(settings, parameters[i], used[i]); },
               optimizer);
}

}  // namespace evenkeel
