// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/autodiff.h"

#include <map>
#include <memory>
#include <optional>

namespace evenkeel {
namespace {

bool is_float(const ValueType& type) {
  return type.dtype == DType::f32 || type.dtype == DType::f64;
}

// One reverse sweep over the nodes between the wanted values and the loss.
class Sweep {
 public:
  Sweep(Graph& graph, Value loss, const std::vector<Value>& values)
      : graph_(graph), last_(loss.node), gradients_(std::size_t{loss.node} + 1) {
    for (NodeId id = 0; id <= last_; ++id) gradients_[id].resize(graph_.node(id).outputs.size());
    mark_dependent(values);
    gradients_[loss.node][loss.output] =
        graph_.add(Constant{graph_.type(loss), 1}, {}, graph_.node(loss).name + "/grad_seed");
    for (NodeId id = last_ + 1; id-- > 0;) visit(id);
  }

  std::optional<Value> gradient(Value value) const {
    return value.node <= last_ ? gradients_[value.node][value.output] : std::nullopt;
  }

 private:
  // dependent_[node][output]: a float value that some wanted value flows into; bf16 too, so that a
  // cast's missing gradient is told and no zero.
  void mark_dependent(const std::vector<Value>& values) {
    dependent_.resize(gradients_.size());
    for (NodeId id = 0; id <= last_; ++id) {
      const Node& node = graph_.node(id);
      bool reached = false;
      for (const Value input : node.inputs) reached |= dependent_[input.node][input.output];
      for (const ValueType& type : node.outputs)
        dependent_[id].push_back(reached && (is_float(type) || type.dtype == DType::bf16));
      for (const Value value : values)
        if (value.node == id) dependent_[id][value.output] = true;
    }
  }

  void visit(NodeId id) {
    bool reaches_loss = false;
    for (const std::optional<Value>& gradient : gradients_[id])
      reaches_loss |= gradient.has_value();
    // Copies: the rule adds nodes, so references into the graph would dangle.
    const Op op = graph_.node(id).op;
    const std::vector<Value> inputs = graph_.node(id).inputs;
    const auto wanted = std::make_unique<bool[]>(inputs.size());
    bool any_wanted = false;
    for (std::size_t index = 0; index < inputs.size(); ++index) {
      wanted[index] = dependent_[inputs[index].node][inputs[index].output];
      any_wanted |= wanted[index];
    }
    if (!reaches_loss || !any_wanted) return;

    std::vector<std::optional<Value>> results(inputs.size());
    GradientScope scope(graph_, id, gradients_[id], results);
    scope.set_wanted({wanted.get(), inputs.size()});
    std::visit([&](const auto& rule) { apply(rule, scope); }, op);
    for (std::size_t index = 0; index < inputs.size(); ++index)
      if (wanted[index] && results[index]) accumulate(inputs[index], *results[index]);
  }

  static void apply(const Differentiable auto& rule, GradientScope& scope) { rule.gradient(scope); }
  static void apply(const BatchNorm&, GradientScope& scope) { fail_modeless(scope); }
  static void apply(const Dropout&, GradientScope& scope) { fail_modeless(scope); }
  [[noreturn]] static void fail_modeless(GradientScope& scope) {
    scope.fail("has no gradient before it has a mode; call to_training on the graph first");
  }
  static void apply(const auto&, GradientScope& scope) { scope.fail("has no gradient"); }

  void accumulate(Value value, Value gradient) {
    std::optional<Value>& sum = gradients_[value.node][value.output];
    sum =
        sum ? graph_.add(Add{}, {*sum, gradient}, graph_.node(value).name + "/grad_sum") : gradient;
  }

  Graph& graph_;
  NodeId last_;
  std::vector<std::vector<std::optional<Value>>> gradients_;
  std::vector<std::vector<bool>> dependent_;
};

}  // namespace

std::vector<Value> gradients(Graph& graph, Value loss, const std::vector<Value>& values) {
  graph.require_value("gradients", loss);
  const ValueType of_loss = graph.type(loss);
  if (!is_float(of_loss) || of_loss.shape.rank() != 0)
    throw InvalidArgument(graph.node(loss).name,
                          "expected a loss of type f32[] or f64[], got " + to_string(of_loss));
  for (const Value value : values) {
    graph.require_value("gradients", value);
    if (!is_float(graph.type(value)))
      throw InvalidArgument(graph.node(value).name,
                            "expected a value of dtype f32 or f64 to differentiate by, got " +
                                to_string(graph.type(value)));
  }

  const Sweep sweep(graph, loss, values);
  std::vector<Value> results;
  std::map<Value, Value> zeros;
  for (const Value value : values) {
    if (const std::optional<Value> gradient = sweep.gradient(value)) {
      results.push_back(*gradient);
      continue;
    }
    const auto [zero, is_new] = zeros.try_emplace(value);
    if (is_new)
      zero->second =
          graph.add(Constant{graph.type(value), 0}, {}, graph.node(value).name + "/grad_zero");
    results.push_back(zero->second);
  }
  return results;
}

}  // namespace evenkeel
