// SPDX-License-Identifier: Apache-2.0
#include "tests/support/whole_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/step_graph.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

constexpr std::string_view kFirstMoments = "state/adam/m/";

// m is then half the gradient, to the bit.
Graph halving_step(const Graph& network, Look look) {
  Graph step = add_training_step(network, softmax_cross_entropy(), Adam{.beta1 = 0.5});
  if (look == Look::at_decisions_too) output_decisions(step, deciders_of(network));
  return step;
}

Tensor drawn_images(const Shape& shape, Draw& draw) {
  Tensor images(DType::u8, shape);
  const auto pixels = images.values<std::uint8_t>();
  const auto size = static_cast<std::size_t>(shape.elements_per_sample());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const bool blank = i / size % 2 == 1 && 2 * (i % size) >= size;
    pixels[i] = static_cast<std::uint8_t>(blank ? 0 : draw.integer(0, 255));
  }
  return images;
}

StateStore drawn_state(const Graph& graph, Draw& draw) {
  StateStore state(graph, test_seed());
  for (const StateStore::Entry& entry : state.entries()) {
    const bool gamma = entry.role == Role::gamma;
    if (!gamma && entry.role != Role::beta && entry.role != Role::bias) continue;
    Tensor tensor = state.get(entry.name);
    for (float& value : tensor.values<float>())
      value = static_cast<float>(gamma ? draw.uniform(0.5, 1.5) : draw.uniform(-0.3, 0.3));
    state.set(entry.name, tensor);
  }
  return state;
}

void fill(Executor& executor, const std::string& input, const Tensor& tensor) {
  const auto to = executor.input(input);
  ASSERT_EQ(to.size(), tensor.bytes.size()) << input;
  std::copy(tensor.bytes.begin(), tensor.bytes.end(), to.begin());
}

std::vector<std::string> kernels_of(const Plan& plan) {
  std::vector<std::string> result;
  for (const auto* phases : {&plan.prepare, &plan.run})
    for (const Phase& phase : *phases)
      for (const Step& step : phase.steps) result.push_back(step.kernel);
  std::sort(result.begin(), result.end());
  return result;
}

Tensor in_f64(const Tensor& tensor) {
  return tensor.dtype == DType::f32 ? Tensor::of(tensor.shape, to_doubles(tensor)) : tensor;
}

// 1 where a gradient goes through.
Tensor mask_of(const Tensor& decision) {
  std::vector<double> mask = to_doubles(decision);
  for (double& value : mask) value = value > 0 ? 1 : 0;
  return Tensor::of(decision.shape, mask);
}

}  // namespace

WholeStep drawn_step(const Model& model, const CompileOptions& options, Draw& draw) {
  const Shape image = model.image_shape();
  Tensor images = drawn_images({options.batch, image[0], image[1], image[2]}, draw);
  Tensor labels(DType::i32, {options.batch});
  for (std::int32_t& label : labels.values<std::int32_t>())
    label = static_cast<std::int32_t>(draw.integer(0, model.classes() - 1));
  const Graph graph = halving_step(to_training(model.graph()), Look::at_gradients);
  return {model, options, std::move(images), std::move(labels), drawn_state(graph, draw)};
}

CompiledStep run_compiled(const WholeStep& step, Look look) {
  const auto plan = compile_training_step(
      step.model.graph(), [&](const Graph& network) { return halving_step(network, look); },
      step.options);
  StateStore state = step.state;
  Executor executor(plan, state);
  fill(executor, "images", step.images);
  fill(executor, "labels", step.labels);
  executor.input_as<double>("learning_rate")[0] = 1e-3;
  executor.input_as<std::int64_t>("step")[0] = 0;
  EXPECT_TRUE(executor.run().ok());

  CompiledStep result;
  for (const StateStore::Entry& entry : state.entries()) {
    if (!entry.name.starts_with(kFirstMoments)) continue;
    Tensor gradient = state.get(entry.name);
    for (float& value : gradient.values<float>()) value *= 2;
    result.gradients[entry.name.substr(kFirstMoments.size())] = std::move(gradient);
  }
  for (const PlanPort& port : plan->outputs) {
    if (!port.name.starts_with("decision/")) continue;
    Tensor& decision = result.decisions[port.name] = Tensor(port.type.dtype, port.type.shape);
    const auto from = executor.output(port.name);
    std::copy(from.begin(), from.end(), decision.bytes.begin());
  }
  result.kernels = kernels_of(*plan);
  return result;
}

ExactStep run_exact(const WholeStep& step, const NamedTensors& decisions) {
  auto [graph, decided_on] =
      with_decisions_given(to_training(with_float(step.model.graph(), DType::f64)));
  const Value labels = ops::input(graph, "labels", DType::i32, {kBatch});
  const Value loss = ops::mean(
      graph, ops::softmax_cross_entropy(graph, graph.find_output("logits"), labels).losses);
  const std::vector<Value> parameters = trained_states(graph);
  const std::vector<Value> slopes = gradients(graph, loss, parameters);

  NamedTensors feeds = {{"images", step.images}, {"labels", step.labels}};
  for (const Node& node : graph.nodes())
    if (std::holds_alternative<State>(node.op))
      feeds[node.name] = in_f64(step.state.get(node.name));
  for (const auto& [name, decision] : decisions) feeds[name] = mask_of(decision);
  const Interpretation run = Interpreter(graph, step.options.batch).run(feeds);

  ExactStep result;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    result.gradients[graph.node(parameters[i]).name] = run.at(slopes[i]);
  for (const auto& [name, x] : decided_on) result.decided_on[name] = run.at(x);
  return result;
}

std::vector<Decider> deciders_of(const Model& model) {
  return deciders_of(to_training(model.graph()));
}

}  // namespace evenkeel::test
