// SPDX-License-Identifier: Apache-2.0
// The same step by hand, on the graph level: what Sequential and Trainer do for you. A dense
// network with batch norm; its gradients are a graph, its optimiser is ops, and the mode is which
// graph is built. Usage: mnist_graph [steps]
#include <evenkeel/compile/lower_mode.h>
#include <evenkeel/compile/pipeline.h>
#include <evenkeel/data/batches.h>
#include <evenkeel/evenkeel.h>
#include <evenkeel/graph.h>
#include <evenkeel/runtime/executor.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <vector>

namespace ek = evenkeel;

namespace {

constexpr std::int64_t kBatchSize = 100;

ek::Value dense(ek::Graph& graph, ek::Value x, const std::string& layer, std::int64_t in,
                std::int64_t out) {
  const ek::Value kernel =
      ek::ops::parameter(graph, layer + "/kernel", {in, out}, ek::Initializer::glorot_uniform);
  const ek::Value bias = ek::ops::parameter(graph, layer + "/bias", {out}, ek::Initializer::zeros);
  return ek::ops::bias_add(graph, ek::ops::matmul(graph, x, kernel), bias, layer);
}

// The network: no training flag anywhere. batch_norm has no mode until a step is compiled.
ek::Graph network() {
  ek::Graph graph("mnist-graph");
  const ek::Value images = ek::ops::input(graph, "images", ek::DType::u8, {ek::kBatch, 28, 28, 1});
  const ek::Value x =
      ek::ops::reshape(graph, ek::ops::scale(graph, images, 1 / 255.0), {ek::kBatch, 784});
  const ek::Value normalised = ek::ops::batch_norm(graph, dense(graph, x, "dense1", 784, 128));
  const ek::Value hidden = ek::ops::relu(graph, normalised);
  graph.output("logits", dense(graph, hidden, "dense2", 128, 10));
  return graph;
}

ek::Value add_loss(ek::Graph& graph) {
  const ek::Value labels = ek::ops::input(graph, "labels", ek::DType::i32, {ek::kBatch});
  const auto entropy = ek::ops::softmax_cross_entropy(graph, graph.find_output("logits"), labels);
  const ek::Value loss = ek::ops::mean(graph, entropy.losses);
  graph.output("loss", loss);
  graph.output("correct", entropy.correct);
  return loss;
}

// Loss, gradients and one Adam update a parameter: this is all of minimize().
ek::Graph add_step(const ek::Graph& with_batch_statistics) {
  ek::Graph graph = with_batch_statistics;
  const ek::Value loss = add_loss(graph);
  graph.guard(loss);
  std::vector<ek::Value> parameters;
  for (ek::NodeId id = 0; id < graph.nodes().size(); ++id)
    if (const auto* state = std::get_if<ek::State>(&graph.node(id).op))
      if (ek::trained(state->role)) parameters.push_back({id, 0});
  const std::vector<ek::Value> gradients = ek::gradients(graph, loss, parameters);
  const ek::Value rate = ek::ops::input(graph, "learning_rate", ek::DType::f64, {});
  const ek::Value step = ek::ops::input(graph, "step", ek::DType::i64, {});
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ek::ValueType type = graph.type(parameters[i]);
    const std::string name = graph.node(parameters[i]).name;
    const ek::State slot{type, ek::Role::slot, ek::Initializer::zeros, 0};
    const ek::Value m = ek::ops::state(graph, "state/adam/m/" + name, slot);
    const ek::Value v = ek::ops::state(graph, "state/adam/v/" + name, slot);
    const ek::NodeId update =
        graph.add(ek::AdamUpdate{}, {parameters[i], m, v, gradients[i], rate, step}).node;
    graph.update(parameters[i], {update, 0});
    graph.update(m, {update, 1});
    graph.update(v, {update, 2});
    graph.check_after({update, 3});
  }
  return graph;
}

double test_accuracy(const ek::Graph& graph, ek::StateStore& state, const ek::Dataset& test) {
  ek::Graph evaluated = graph;
  add_loss(evaluated);
  ek::Executor executor(
      ek::compile_inference(evaluated, {.batch = kBatchSize, .machine = {.threads = 2}}), state);
  std::int64_t correct = 0;
  std::int64_t seen = 0;
  const auto bytes = static_cast<std::size_t>(kBatchSize * test.image_bytes());
  for (std::int64_t first = 0; first + kBatchSize <= test.size(); first += kBatchSize) {
    std::memcpy(executor.input("images").data(), test.image(first).data(), bytes);
    std::copy_n(test.labels().begin() + first, kBatchSize,
                executor.input_as<std::int32_t>("labels").begin());
    executor.run();
    for (const std::int32_t one : executor.output_as<std::int32_t>("correct")) correct += one;
    seen += kBatchSize;
  }
  return static_cast<double>(correct) / static_cast<double>(seen);
}

void run(std::int64_t steps) {
  const auto mnist = ek::datasets::mnist();
  const ek::Graph graph = network();
  ek::StateStore state(add_step(ek::to_training(graph)), 1);
  ek::Executor executor(
      ek::compile_training_step(graph, add_step, {.batch = kBatchSize, .machine = {.threads = 2}}),
      state);
  ek::BatchSampler sampler(mnist.train.size(), kBatchSize, {.seed = 1});
  executor.input_as<double>("learning_rate")[0] = 1e-3;
  for (std::int64_t step = 0; step < steps; ++step) {
    ek::gather(mnist.train, sampler.indices(step), executor.input_as<std::uint8_t>("images"),
               executor.input_as<std::int32_t>("labels"));
    executor.input_as<std::int64_t>("step")[0] = step;
    if (const ek::RunResult result = executor.run(); !result.ok())
      throw ek::RuntimeFailure(result.what, "is not finite");
    if (step % 100 == 0)
      std::cout << "step " << step << ": loss = " << executor.output_as<float>("loss")[0] << "\n";
  }
  std::cout << "test accuracy = " << test_accuracy(graph, state, mnist.test) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? std::atoll(argv[1]) : 550);
  } catch (const ek::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
