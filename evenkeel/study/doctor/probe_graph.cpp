// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/doctor/probe_graph.h"

#include <optional>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/autodiff.h"

namespace evenkeel::doctor {
namespace {

void add_moments(Graph& graph, Value x, const std::string& what) {
  const NodeId moments = graph.add(ChannelMoments{}, {x}, "probe/" + what).node;
  graph.output("count/" + what, {moments, 0});
  graph.output("mean/" + what, {moments, 1});
  graph.output("m2/" + what, {moments, 2});
}

// The activation that made x, behind poolings and reshapes.
std::optional<NodeId> activation_of(const Graph& graph, Value x) {
  for (;;) {
    const Node& node = graph.node(x);
    if (is_activation(node.op)) return x.node;
    const bool passes_on = std::holds_alternative<Reshape>(node.op) ||
                           std::holds_alternative<MaxPool2d>(node.op) ||
                           std::holds_alternative<AvgPool2d>(node.op);
    if (!passes_on) return std::nullopt;
    x = node.inputs[0];
  }
}

}  // namespace

ProbeGraph probe_graph(const Graph& network, Loss loss, const Optimizer& optimizer, Labels labels) {
  ProbeGraph probe{add_training_step(to_training(network), loss, optimizer, labels),
                   add_evaluation(to_inference(network), loss, labels),
                   {},
                   {},
                   {}};
  Graph& step = probe.step;
  for (const Node& node : network.nodes()) {
    if (std::holds_alternative<Relu>(node.op) || std::holds_alternative<Relu6>(node.op)) {
      add_moments(step, {step.find(node.name), 0}, node.name);
      probe.relus.push_back(node.name);
    }
    if (!std::holds_alternative<BatchNorm>(node.op)) continue;
    const Value y = {step.find(node.name), 0};
    const Value input = node.inputs[0];
    const Value x = {step.find(network.node(input).name), input.output};
    step.output("y/" + node.name, y);
    probe.moving.output("y/" + node.name, {probe.moving.find(node.name), 0});
    add_moments(step, x, node.name);
    ProbedNorm norm{node.name, ""};
    if (const auto activation = activation_of(step, x)) {
      norm.activation = layer_of(step.node(*activation).name);
      add_moments(step, step.node(*activation).inputs[0], node.name + "/before_activation");
    }
    probe.norms.push_back(std::move(norm));
  }
  std::vector<Value> kernels;
  for (const Value state : trained_states(step)) {
    const Node& node = step.node(state);
    if (std::get<State>(node.op).role != Role::parameter) continue;
    kernels.push_back(state);
    probe.kernels.push_back(node.name);
  }
  const std::vector<Value> found = gradients(step, {step.find("loss"), 0}, kernels);
  for (std::size_t i = 0; i < found.size(); ++i)
    step.output("gradient/" + probe.kernels[i], found[i]);
  return probe;
}

}  // namespace evenkeel::doctor
