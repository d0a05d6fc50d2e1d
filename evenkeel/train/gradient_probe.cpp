// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/gradient_probe.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/strip.h"

namespace evenkeel {
namespace {

// Memory that is worth less than another run.
constexpr std::size_t kLittle = std::size_t{4} << 20;

std::string output_of(const std::string& parameter) { return "gradient/" + parameter; }

// A step without what it changes: plain SGD has no slots.
Graph step_of(const Graph& network, Loss loss, Labels labels) {
  return without_effects(add_training_step(to_training(network), loss, Sgd{}, labels));
}

bool fits(const Plan& plan, const Workspace& workspace) {
  return static_cast<std::size_t>(plan.arena_bytes) <= std::max(workspace.arena_bytes(), kLittle);
}

double loss_of(const Executor& executor, DType dtype) {
  if (dtype == DType::f64) return executor.output_as<double>("loss")[0];
  return static_cast<double>(executor.output_as<float>("loss")[0]);
}

}  // namespace

struct GradientProbe::Run {
  StateStore& state;
  const std::shared_ptr<Workspace>& workspace;
  const Feed& feed;
  const SeeTensor& see;
};

GradientProbe::GradientProbe(const Graph& network, Loss loss, Labels labels, CompileOptions options)
    : step_(step_of(network, loss, labels)),
      parameters_(trained_states(step_)),
      options_(std::move(options)) {}

bool GradientProbe::run(StateStore& state, const std::shared_ptr<Workspace>& workspace,
                        const Feed& feed, const SeeTensor& see) const {
  return parameters_.empty() || run_over(parameters_, {state, workspace, feed, see});
}

std::shared_ptr<const Plan> GradientProbe::plan_of(std::span<const Value> parameters) const {
  Graph graph = step_;
  const Value mean = {graph.find("loss"), 0};
  const std::vector<Value> found =
      gradients(graph, mean, std::vector<Value>(parameters.begin(), parameters.end()));
  graph.output("loss", mean);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    graph.output(output_of(graph.node(parameters[i]).name), found[i]);
  return compile_graph(graph, Level::inference, options_);
}

bool GradientProbe::run_over(std::span<const Value> parameters, const Run& run) const {
  const auto plan = plan_of(parameters);
  if (parameters.size() == 1 || fits(*plan, *run.workspace)) return run_plan(plan, parameters, run);
  const std::size_t half = parameters.size() / 2;
  return run_over(parameters.first(half), run) && run_over(parameters.subspan(half), run);
}

bool GradientProbe::run_plan(const std::shared_ptr<const Plan>& plan,
                             std::span<const Value> parameters, const Run& run) const {
  Executor executor(plan, run.state, run.workspace);
  if (!run.feed(executor) || !executor.run().ok()) return false;
  if (!std::isfinite(loss_of(executor, step_.type({step_.find("loss"), 0}).dtype))) return false;
  for (const Value parameter : parameters) {
    const std::string& name = step_.node(parameter).name;
    const ValueType& type = step_.type(parameter);
    run.see(name, {type.dtype, type.shape, executor.output(output_of(name))});
  }
  return true;
}

}  // namespace evenkeel
