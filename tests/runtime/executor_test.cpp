// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/runtime/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/ops.h"
#include "tests/support/feeds.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

class EmptyKernel final : public Kernel {
 public:
  void run(const Args&, Range) const noexcept override {}
};

std::shared_ptr<Plan> empty_plan(PhaseKind kind, bool one_phase) {
  auto plan = std::make_shared<Plan>();
  plan->threads = 2;
  for (int i = 0; i < 100; ++i) {
    Step step;
    step.name = "empty";
    step.full = std::make_shared<EmptyKernel>();
    if (!one_phase || plan->run.empty()) {
      plan->run.emplace_back();
      plan->run.back().kind = kind;
    }
    plan->run.back().steps.push_back(std::move(step));
  }
  return plan;
}

double best_microseconds_per_step(std::shared_ptr<Plan> plan) {
  StateStore state;
  Executor executor(std::move(plan), state);
  double best = 1e9;
  for (int round = 0; round < 200; ++round) {
    const auto start = std::chrono::steady_clock::now();
    executor.run();
    const std::chrono::duration<double, std::micro> elapsed =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count() / 100);
  }
  return best;
}

TEST(Executor, AnEmptyStepCostsAtMostAMicrosecond) {
  EXPECT_LE(best_microseconds_per_step(empty_plan(PhaseKind::whole, true)), 1.0);
  EXPECT_LE(best_microseconds_per_step(empty_plan(PhaseKind::whole, false)), 1.0);
}

// y = x + w; w <- y: as small as a step with a guard can be.
Graph guarded_step() {
  Graph graph("guarded");
  const Value x = ops::input(graph, "x", DType::f32, {4});
  const Value w = ops::parameter(graph, "w", {4}, Initializer::ones);
  const Value y = ops::add(graph, x, w);
  graph.guard(y);
  graph.update(w, y);
  graph.output("y", y);
  return graph;
}

TEST(Executor, TheGuardStopsARunBeforeAnyStateIsWritten) {
  const Graph graph = guarded_step();
  StateStore state(graph, 0);
  Executor executor(compile_graph(graph, Level::training, {}), state);
  for (float& value : executor.input_as<float>("x")) value = 1;
  executor.input_as<float>("x")[2] = std::numeric_limits<float>::infinity();
  const RunResult result = executor.run();
  EXPECT_EQ(result.status, RunResult::Status::not_finite);
  EXPECT_EQ(result.what, "add");
  EXPECT_EQ(state.get("w"), Tensor::of<float>(Shape{4}, {1, 1, 1, 1}));
  executor.input_as<float>("x")[2] = 5;
  EXPECT_TRUE(executor.run().ok());
  EXPECT_EQ(state.get("w"), Tensor::of<float>(Shape{4}, {2, 2, 6, 2}));
}

TEST(Executor, StatesThatChangePlacesBothReadTheStartOfTheStep) {
  Graph graph("swap");
  const Value a = ops::parameter(graph, "a", {2}, Initializer::ones);
  const Value b = ops::parameter(graph, "b", {2}, Initializer::zeros);
  graph.update(a, b);
  graph.update(b, a);
  StateStore state(graph, 0);
  Executor executor(compile_graph(graph, Level::training, {}), state);
  executor.run();
  EXPECT_EQ(state.get("a"), Tensor::of<float>(Shape{2}, {0, 0}));
  EXPECT_EQ(state.get("b"), Tensor::of<float>(Shape{2}, {1, 1}));
}

TEST(Executor, UpdatesThatReadEachOthersStateBothSeeTheStartOfTheStep) {
  Graph graph("cross");
  const Value c = ops::parameter(graph, "c", {1}, Initializer::ones);
  const Value d = ops::parameter(graph, "d", {1}, Initializer::ones);
  graph.update(c, ops::add(graph, c, d));
  graph.update(d, ops::add(graph, ops::scale(graph, d, 2), c));
  StateStore state(graph, 0);
  Executor executor(compile_graph(graph, Level::training, {}), state);
  executor.run();
  executor.run();
  EXPECT_EQ(state.get("c"), Tensor::of<float>(Shape{1}, {5}));
  EXPECT_EQ(state.get("d"), Tensor::of<float>(Shape{1}, {8}));
}

TEST(Executor, PreparedValuesFollowTheState) {
  Graph graph("prepared");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 2});
  const Value w = ops::parameter(graph, "w", {2, 2}, Initializer::ones);
  graph.output("y", ops::matmul(graph, x, ops::add(graph, w, w)));
  StateStore state(graph, 0);
  Executor executor(compile_graph(graph, Level::inference, {}), state);
  EXPECT_FALSE(executor.plan().prepare.empty());
  executor.input_as<float>("x")[0] = executor.input_as<float>("x")[1] = 1;
  executor.run();
  EXPECT_EQ(executor.output_as<float>("y")[0], 4);
  state.set("w", Tensor::of<float>(Shape{2, 2}, {5, 5, 5, 5}));
  executor.run();
  EXPECT_EQ(executor.output_as<float>("y")[0], 20);
}

TEST(Executor, NativeAndReferenceKernelsGiveTheSameBytesAtAnyThreadCount) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Graph graph = test::random_step(seed);
    const NamedTensors feeds = test::random_feeds(graph, 37, seed);
    std::vector<std::vector<Tensor>> states;
    for (const int threads : {1, 2, 4, 7}) {
      StateStore state(graph, 0);
      for (const auto& entry : state.entries()) state.set(entry.name, feeds.at(entry.name));
      Executor executor(
          compile_graph(graph, Level::training, {37, {threads, KernelPreference::native}, {}}),
          state);
      for (const PlanPort& port : executor.plan().inputs)
        std::copy(feeds.at(port.name).bytes.begin(), feeds.at(port.name).bytes.end(),
                  executor.input(port.name).begin());
      ASSERT_TRUE(executor.run().ok());
      states.emplace_back();
      for (const auto& entry : state.entries()) states.back().push_back(state.get(entry.name));
      EXPECT_EQ(states.back(), states.front()) << threads << " threads, seed " << seed;
    }
  }
}

TEST(Executor, TwoOfOneWorkspaceComputeInTurnWhatTheyWouldAlone) {
  const Graph step = guarded_step();
  Graph other("other");
  const Value y = ops::input(other, "y", DType::f32, {64});
  other.output("z", ops::relu(other, ops::add(other, y, y)));
  StateStore state(step, 0);
  StateStore none(other, 0);
  const auto workspace = std::make_shared<Workspace>();
  Executor first(compile_graph(step, Level::training, {}), state, workspace);
  Executor second(compile_graph(other, Level::inference, {}), none, workspace);
  for (int round = 1; round <= 3; ++round) {
    for (float& value : first.input_as<float>("x")) value = 2;
    ASSERT_TRUE(first.run().ok());
    EXPECT_EQ(first.output_as<float>("y")[3], 1 + 2 * static_cast<float>(round));
    for (float& value : second.input_as<float>("y")) value = static_cast<float>(-round);
    ASSERT_TRUE(second.run().ok());
    EXPECT_EQ(second.output_as<float>("z")[63], 0);
  }
}

TEST(Executor, PreparesAnewWhereAnotherComputedInItsMemory) {
  // What is prepared once lies where the other one's input does.
  Graph prepared("prepared");
  const Value x = ops::input(prepared, "x", DType::f32, {4});
  const Value w = ops::parameter(prepared, "w", {4}, Initializer::ones);
  prepared.output("y", ops::add(prepared, x, ops::add(prepared, w, w)));
  Graph other("other");
  other.output("z", ops::relu(other, ops::input(other, "x", DType::f32, {1024})));
  StateStore state(prepared, 0);
  const auto workspace = std::make_shared<Workspace>();
  Executor second(compile_graph(other, Level::inference, {}), state, workspace);
  Executor first(compile_graph(prepared, Level::inference, {}), state, workspace);
  ASSERT_FALSE(first.plan().prepare.empty());
  for (int round = 0; round < 2; ++round) {
    for (float& value : first.input_as<float>("x")) value = 1;
    ASSERT_TRUE(first.run().ok());
    for (const float value : first.output_as<float>("y")) EXPECT_EQ(value, 3);
    for (float& value : second.input_as<float>("x")) value = -3;
    ASSERT_TRUE(second.run().ok());
  }
}

}  // namespace
}  // namespace evenkeel
