// SPDX-License-Identifier: Apache-2.0
// Ten training steps of the full network: in float held to three times the distance that PyTorch's
// float32 keeps from the double golden run, in double to the golden run itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <numeric>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/step_graph.h"
#include "tests/support/compare.h"
#include "tests/support/golden.h"

namespace evenkeel {
namespace {

using test::Numbers;
using Named = std::map<std::string, Numbers>;

constexpr double kTimesPyTorch = 3;

Graph add_step(const Graph& network) {
  return add_training_step(network, softmax_cross_entropy(), Adam{});
}

// The training step with its gradients as outputs; the images' are by the scaled pixels.
Graph add_step_with_gradients(const Graph& network) {
  Graph graph = add_step(network);
  std::vector<std::string> names;
  std::vector<Value> by;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Node& node = graph.node(id);
    const auto* state = std::get_if<State>(&node.op);
    const bool parameter = state != nullptr && trained(state->role);
    if (!parameter && !std::holds_alternative<Scale>(node.op)) continue;
    names.push_back("grad/" + (parameter ? node.name : std::string("images")));
    by.push_back({id, 0});
  }
  const std::vector<Value> results = gradients(graph, graph.find_output("loss"), by);
  for (std::size_t i = 0; i < by.size(); ++i) graph.output(names[i], results[i]);
  return graph;
}

Numbers output(const Executor& executor, const std::string& name) {
  for (const PlanPort& port : executor.plan().outputs) {
    if (port.name != name) continue;
    Tensor tensor(port.type.dtype, port.type.shape);
    std::memcpy(tensor.bytes.data(), executor.output(name).data(), tensor.bytes.size());
    return test::to_doubles(tensor);
  }
  ADD_FAILURE() << "no output " << name;
  return {};
}

template <typename T>
void feed(Executor& executor, const std::string& name, const std::vector<T>& values) {
  const auto target = executor.input_as<T>(name);
  ASSERT_EQ(target.size(), values.size()) << name;
  std::copy(values.begin(), values.end(), target.begin());
}

void train_step(Executor& executor, int step) {
  const auto seed = test::golden_integers("check/seeds")[static_cast<std::size_t>(step)];
  feed(executor, "images",
       test::golden_pixels(static_cast<std::uint64_t>(seed), test::kGoldenBatch));
  feed(executor, "labels", test::golden_labels(step));
  executor.input_as<double>("learning_rate")[0] = 1e-3;
  executor.input_as<std::int64_t>("step")[0] = step;
  ASSERT_TRUE(executor.run().ok());
}

void set(StateStore& state, const std::string& name, const Numbers& values) {
  const ValueType& type = state.entry(name).type;
  if (type.dtype == DType::f64)
    state.set(name, Tensor::of<double>(type.shape, values));
  else
    state.set(name, Tensor::of<float>(type.shape, {values.begin(), values.end()}));
}

// "loss", "logits", "grad/…" of the first step and the state after the last one. The steps run on
// the plan that training uses; the gradients come from a plan of their own.
Named train(DType dtype) {
  const Graph network = with_float(mnist_cnn(true).graph(), dtype);
  const Machine machine{2, KernelPreference::automatic};
  StateStore state(add_step(to_training(network)), 1);
  const Named init = test::golden_init();
  for (const auto& [name, values] : init) set(state, name, values);

  Named result;
  StateStore first_state = state;
  Executor first(
      compile_training_step(network, add_step_with_gradients, {test::kGoldenBatch, machine, {}}),
      first_state);
  train_step(first, 0);
  for (const PlanPort& port : first.plan().outputs)
    if (port.name.starts_with("grad/")) result[port.name] = output(first, port.name);

  Executor executor(compile_training_step(network, add_step, {test::kGoldenBatch, machine, {}}),
                    state);
  for (int step = 0; step < test::kGoldenSteps; ++step) {
    train_step(executor, step);
    result["loss"].push_back(output(executor, "loss")[0]);
  }
  for (const auto& [name, values] : init) result[name] = test::to_doubles(state.get(name));

  Executor inference(compile_inference(network, {test::kGoldenProbes, machine, {}}), state);
  feed(inference, "images", test::golden_pixels(test::kProbeSeed, test::kGoldenProbes));
  EXPECT_TRUE(inference.run().ok());
  result["logits"] = output(inference, "logits");
  return result;
}

bool kept_whole(const std::string& name) { return name == "loss" || name == "logits"; }

// How far each tensor is from the golden run, as "float32/…" states it for PyTorch.
std::map<std::string, double> distances(const Named& run) {
  std::map<std::string, double> result;
  for (const auto& [name, values] : run) {
    if (kept_whole(name))
      result[name] = test::largest_difference(values, test::golden_numbers(name));
    else
      result[name + "/digest"] = test::distance(test::digest(values), test::golden_digest(name));
  }
  return result;
}

void expect_as_near_as_pytorch(const std::map<std::string, double>& distances) {
  double worst = 0;
  for (const auto& [name, apart] : distances) {
    const double pytorch = test::golden_numbers("float32/" + name)[0];
    EXPECT_LE(apart, kTimesPyTorch * pytorch) << name << ", PyTorch: " << pytorch;
    worst = std::max(worst, apart / pytorch);
  }
  std::cout << "at most " << worst << " times PyTorch float32's distance from float64\n";
}

TEST(GoldenFull, WeightsImagesAndLabelsAreThoseOfTheGoldenRun) {
  ASSERT_EQ(test::golden_hash(0, 0), 0xE220A8397B1DCDAFU);
  for (const auto& [name, values] : test::golden_init()) {
    const test::Digest expected = test::golden_digest("init/" + name);
    const test::Digest actual = test::digest(values);
    EXPECT_LE(test::largest_difference(actual.projections, expected.projections), 1e-10) << name;
    EXPECT_NEAR(actual.norm, expected.norm, 1e-10) << name;
  }
  const auto sum = [](const std::vector<std::uint8_t>& pixels) {
    return std::accumulate(pixels.begin(), pixels.end(), std::int64_t{0});
  };
  const auto seeds = test::golden_integers("check/seeds");
  const auto sums = test::golden_integers("check/pixel_sums");
  const auto labels = test::golden_integers("check/labels");
  for (std::size_t step = 0; step < seeds.size(); ++step) {
    const auto seed = static_cast<std::uint64_t>(seeds[step]);
    EXPECT_EQ(sum(test::golden_pixels(seed, test::kGoldenBatch)), sums[step]);
    const auto made = test::golden_labels(static_cast<int>(step));
    EXPECT_TRUE(std::equal(made.begin(), made.end(), labels.begin() + test::kGoldenBatch * step));
  }
  EXPECT_EQ(sum(test::golden_pixels(test::kProbeSeed, test::kGoldenProbes)),
            test::golden_integers("check/probe_pixel_sum")[0]);
}

TEST(GoldenFull, FloatStaysAsNearToTheDoubleRunAsPyTorchs) {
  const Named run = train(DType::f32);
  EXPECT_EQ(run.size(), 2U + 11U + 12U);
  expect_as_near_as_pytorch(distances(run));
}

TEST(SlowGoldenFull, DoubleIsTensorFlowsAndFloatIsNearItInEveryElement) {
  const Named exact = train(DType::f64);
  double worst = 0;
  for (const auto& [name, apart] : distances(exact)) {
    EXPECT_LE(apart, 1e-9) << name;
    worst = std::max(worst, apart);
  }
  std::cout << "double: at most " << worst << " from TensorFlow's\n";

  std::map<std::string, double> apart;
  for (const auto& [name, values] : train(DType::f32))
    if (!kept_whole(name)) apart[name + "/l2"] = test::l2_distance(values, exact.at(name));
  expect_as_near_as_pytorch(apart);
}

}  // namespace
}  // namespace evenkeel
