// SPDX-License-Identifier: Apache-2.0
// Ten training steps of the scaled reference network in double, held against TensorFlow's numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/step_graph.h"
#include "tests/support/compare.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kBatchSize = 8;

SafetensorsFile golden_network(const std::string& name) {
  return SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/network/" + name +
                               ".safetensors");
}

Value layer(Graph& graph, Value x, const std::string& name, const Shape& kernel_shape) {
  const Value kernel = ops::parameter(graph, name + "/kernel", kernel_shape,
                                      Initializer::glorot_uniform, DType::f64);
  const Value bias =
      ops::parameter(graph, name + "/bias", {kernel_shape.back()}, Initializer::zeros, DType::f64);
  const bool dense = kernel_shape.rank() == 2;
  const Value y =
      dense ? ops::matmul(graph, x, kernel) : ops::conv2d(graph, x, kernel, {{1, 1}, {2, 2, 2, 2}});
  return ops::bias_add(graph, y, bias, name);
}

// 16x16x1 -> conv 5x5x4 -> pool -> conv 5x5x8 -> pool -> flatten -> batch norm -> dense 32 ->
// dense 10.
Graph scaled_network() {
  Graph graph("scaled");
  const Value images = ops::input(graph, "images", DType::f64, {kBatch, 16, 16, 1});
  const Value p1 =
      ops::max_pool2d(graph, ops::relu(graph, layer(graph, images, "conv1", {5, 5, 1, 4})));
  const Value p2 =
      ops::max_pool2d(graph, ops::relu(graph, layer(graph, p1, "conv2", {5, 5, 4, 8})));
  const Value flat = ops::reshape(graph, p2, {kBatch, 128});
  BatchNorm plain;
  plain.keep = 0.99;
  plain.count_weighted = false;
  const Value normalised = ops::batch_norm(graph, flat, plain, "bn1");
  const Value hidden = ops::relu(graph, layer(graph, normalised, "dense1", {128, 32}));
  graph.output("logits", layer(graph, hidden, "dense2", {32, 10}));
  return graph;
}

// The training step, with its gradients (by the images too) as outputs.
Graph add_network_step(const Graph& network) {
  Graph graph = add_training_step(network, softmax_cross_entropy(), Adam{});
  std::vector<Value> by = {{graph.find("images"), 0}};
  for (NodeId id = 0; id < graph.nodes().size(); ++id)
    if (const auto* state = std::get_if<State>(&graph.node(id).op))
      if (trained(state->role)) by.push_back({id, 0});
  const std::vector<Value> results = gradients(graph, graph.find_output("loss"), by);
  for (std::size_t i = 0; i < by.size(); ++i)
    graph.output("grad/" + graph.node(by[i]).name, results[i]);
  return graph;
}

void expect_golden(const std::string& name, const Tensor& actual, const Tensor& expected,
                   double tolerance) {
  double largest = 0;
  for (const double value : test::to_doubles(expected))
    largest = std::max(largest, std::abs(value));
  EXPECT_TRUE(test::close(actual, expected, tolerance, largest)) << name;
}

Tensor output(const Executor& executor, const PlanPort& port) {
  Tensor tensor(port.type.dtype, port.type.shape);
  const auto bytes = executor.output(port.name);
  std::memcpy(tensor.bytes.data(), bytes.data(), bytes.size());
  return tensor;
}

void feed(Executor& executor, const std::string& name, const Tensor& tensor) {
  const auto target = executor.input(name);
  ASSERT_EQ(target.size(), tensor.bytes.size()) << name;
  std::memcpy(target.data(), tensor.bytes.data(), tensor.bytes.size());
}

TEST(GoldenNetwork, EveryTensorOfTenStepsIsTensorFlows) {
  const Graph network = scaled_network();
  StateStore state(add_network_step(to_training(network)), 1);
  for (const auto& [name, tensor] : golden_network("init").tensors) state.set(name, tensor);
  Executor executor(compile_training_step(network, add_network_step,
                                          {kBatchSize, {2, KernelPreference::automatic}, {}}),
                    state);
  for (int step = 0; step < 10; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const SafetensorsFile file = golden_network("step-0" + std::to_string(step));
    feed(executor, "images", file.tensor("images"));
    feed(executor, "labels", file.tensor("labels"));
    executor.input_as<double>("learning_rate")[0] = 1e-3;
    executor.input_as<std::int64_t>("step")[0] = step;
    ASSERT_TRUE(executor.run().ok());
    int gradients_seen = 0;
    for (const PlanPort& port : executor.plan().outputs) {
      if (!file.contains(port.name)) continue;
      expect_golden(port.name, output(executor, port), file.tensor(port.name), 1e-8);
      gradients_seen += port.name.rfind("grad/", 0) == 0 ? 1 : 0;
    }
    EXPECT_EQ(gradients_seen, 11);
    for (const StateStore::Entry& entry : state.entries()) {
      std::string name = entry.name;
      if (name.rfind("state/adam/", 0) == 0) name = name.substr(6);
      if (file.contains(name)) expect_golden(name, state.get(entry.name), file.tensor(name), 1e-6);
    }
  }
  EXPECT_EQ(state.get("state/bn1/updates_seen").values<std::int64_t>()[0], 10);
}

TEST(GoldenNetwork, AllFilesTogetherStaySmall) {
  std::uintmax_t total = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::string(test::kSourceDir) +
                                                              "/tests/golden/network")) {
    EXPECT_LE(file.file_size(), 300'000U) << file.path();
    total += file.file_size();
  }
  EXPECT_LE(total, 1'500'000U);
}

}  // namespace
}  // namespace evenkeel
