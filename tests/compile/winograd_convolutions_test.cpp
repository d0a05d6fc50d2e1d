// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/winograd_convolutions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "evenkeel/runtime/executor.h"
#include "tests/support/feeds.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr Machine kNativeWinograd = {1, KernelPreference::native};

struct WinogradNetwork {
  std::int64_t H, W, C, K, R;
  Padding4 padding;
};

// A convolution, a mean over its squares and both gradients.
Graph network(const WinogradNetwork& z) {
  Graph graph("network");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, z.H, z.W, z.C});
  const Value kernel =
      ops::parameter(graph, "kernel", {z.R, z.R, z.C, z.K}, Initializer::glorot_uniform);
  const Value y = ops::conv2d(graph, x, kernel, {{1, 1}, z.padding}, "conv");
  const Value loss = ops::mean(graph, ops::multiply(graph, y, y, "squares"), "loss");
  graph.output("y", y);
  const std::vector<Value> slopes = gradients(graph, loss, std::vector<Value>{x, kernel});
  graph.output("dx", slopes[0]);
  graph.output("dkernel", slopes[1]);
  return graph;
}

template <typename OpType>
std::int64_t count_winograd(const Graph& graph) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [](const Node& node) { return std::holds_alternative<OpType>(node.op); });
}

std::int64_t tile_in(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (const auto* op = std::get_if<WinogradConv2d>(&node.op)) return op->tile;
  return 0;
}

// The shapes of a ResNet-20.
TEST(WinogradConvolutions, TakesAllThreePasses) {
  for (const WinogradNetwork& z : {WinogradNetwork{32, 32, 16, 16, 3, {1, 1, 1, 1}},
                                   WinogradNetwork{16, 16, 32, 32, 3, {1, 1, 1, 1}},
                                   WinogradNetwork{8, 8, 64, 64, 3, {1, 1, 1, 1}}}) {
    const Graph graph = winograd_convolutions(network(z), 128, kNativeWinograd, Math::fast);
    EXPECT_EQ(count_winograd<WinogradConv2d>(graph), 2) << to_text(graph);
    EXPECT_EQ(count_winograd<WinogradConv2dGradKernel>(graph), 1);
    EXPECT_EQ(count_winograd<Conv2d>(graph) + count_winograd<Conv2dGradData>(graph) +
                  count_winograd<Conv2dGradKernel>(graph),
              0);
    EXPECT_EQ(tile_in(graph), 4);
    EXPECT_EQ(to_text(winograd_convolutions(graph, 128, kNativeWinograd, Math::fast)),
              to_text(graph));
    EXPECT_EQ(to_text(fft_convolutions(graph, 128, kNativeWinograd)), to_text(graph));
  }
}

TEST(WinogradConvolutions, KeepToSmallTilesWhereMathIsStrict) {
  const WinogradNetwork z = {8, 8, 64, 64, 3, {1, 1, 1, 1}};
  EXPECT_EQ(tile_in(winograd_convolutions(network(z), 128, kNativeWinograd, Math::strict)), 2);
}

TEST(WinogradConvolutions, GiveTheSameNumbers) {
  for_random_cases(8, [&](Draw& draw) {
    const auto pad = [&] { return draw.integer(0, 2); };
    const WinogradNetwork z = {draw.integer(7, 16),
                               draw.integer(7, 16),
                               draw.integer(24, 40),
                               draw.integer(28, 32),
                               3,
                               {pad(), pad(), pad(), pad()}};
    const Graph before = network(z);
    const Graph after = winograd_convolutions(before, 64, kNativeWinograd, Math::fast);
    verify(after, Level::inference);
    expect_same_numbers(bind_batch(before, 3), bind_batch(after, 3), 2e-5);
  });
}

TEST(WinogradConvolutions, LeaveOthersAlone) {
  const auto unchanged = [](const WinogradNetwork& z, std::int64_t batch, const Machine& machine) {
    const Graph graph = network(z);
    return to_text(winograd_convolutions(graph, batch, machine, Math::fast)) == to_text(graph);
  };
  const WinogradNetwork ours = {16, 16, 32, 32, 3, {1, 1, 1, 1}};
  EXPECT_FALSE(unchanged(ours, 128, kNativeWinograd));
  EXPECT_TRUE(unchanged(ours, 1, kNativeWinograd));  // a kernel's transform for an image
  EXPECT_TRUE(unchanged({16, 16, 32, 32, 5, {2, 2, 2, 2}}, 128, kNativeWinograd));
  EXPECT_TRUE(unchanged({16, 16, 32, 32, 1, {0, 0, 0, 0}}, 128, kNativeWinograd));
  EXPECT_TRUE(unchanged({32, 32, 3, 16, 3, {1, 1, 1, 1}}, 128, kNativeWinograd));  // three channels
  EXPECT_TRUE(unchanged({16, 16, 32, 32, 3, {3, 1, 1, 1}}, 128, kNativeWinograd));  // wide padding
  EXPECT_TRUE(unchanged(ours, 128, {1, KernelPreference::reference}));
  EXPECT_TRUE(unchanged(ours, 128, {1, KernelPreference::onednn}));
  for (const Conv2d& conv : {Conv2d{{2, 2}, {1, 1, 1, 1}}, Conv2d{{1, 1}, {2, 2, 2, 2}, {2, 2}},
                             Conv2d{{1, 1}, {1, 1, 1, 1}, {1, 1}, 2}}) {
    Graph graph("g");
    const Value x = ops::input(graph, "x", DType::f32, {kBatch, 16, 16, 32});
    const Value kernel =
        ops::parameter(graph, "kernel", {3, 3, 32 / conv.groups, 32}, Initializer::glorot_uniform);
    graph.output("y", ops::conv2d(graph, x, kernel, conv, "conv"));
    EXPECT_EQ(to_text(winograd_convolutions(graph, 128, kNativeWinograd, Math::fast)),
              to_text(graph));
  }
}

// A tail slice, odd maps and channels, and as many threads as samples allow or more.
TEST(WinogradConvolutions, RunAsPlannedOnAnyNumberOfThreads) {
  const Graph graph = network({13, 11, 40, 33, 3, {1, 1, 1, 1}});
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 4, 7}) {
    const CompileOptions options = {67, {threads, KernelPreference::native}, {}};
    const auto plan = compile_graph(graph, Level::inference, options);
    StateStore state(graph, 1);
    Executor executor(plan, state);
    auto x = executor.input_as<float>("x");
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>((i * 37 % 101)) / 101 - 0.5F;
    executor.run();
    std::vector<float> outputs;
    for (const char* name : {"y", "dx", "dkernel"}) {
      const auto output = executor.output_as<float>(name);
      outputs.insert(outputs.end(), output.begin(), output.end());
    }
    results.push_back(std::move(outputs));
    EXPECT_TRUE(results.back() == results.front()) << threads << " threads";
  }
  expect_plan_agrees(graph, Level::inference, {67, {2, KernelPreference::native}, {}}, 1, 1e-4);
}

}  // namespace
}  // namespace evenkeel::test
