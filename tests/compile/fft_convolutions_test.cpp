// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fft_convolutions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/compile/common_subexpressions.h"
#include "evenkeel/compile/dead_code.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/compile/simplify.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/feeds.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr Machine kOurs = {1, KernelPreference::native};

struct Network {
  std::int64_t H, W, C, K, R, S;
  Padding4 padding;
};

// A convolution, a mean over it and, if asked, both gradients.
Graph fft_network(const Network& z, bool gradients_too) {
  Graph graph("network");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, z.H, z.W, z.C});
  const Value kernel =
      ops::parameter(graph, "kernel", {z.R, z.S, z.C, z.K}, Initializer::glorot_uniform);
  const Value y = ops::conv2d(graph, x, kernel, {{1, 1}, z.padding}, "conv");
  const Value squares = ops::multiply(graph, y, y, "squares");
  const Value loss = ops::mean(graph, squares, "loss");
  graph.output("y", y);
  graph.output("loss", loss);
  if (!gradients_too) return graph;
  const std::vector<Value> slopes = gradients(graph, loss, std::vector<Value>{x, kernel});
  graph.output("dx", slopes[0]);
  graph.output("dkernel", slopes[1]);
  return graph;
}

template <typename OpType>
std::int64_t count(const Graph& graph) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [](const Node& node) { return std::holds_alternative<OpType>(node.op); });
}

// 5x5 on 14x14 with same padding: spectra of 16 x 16, of x, dy and W once each.
TEST(FftConvolutions, MakesEachSpectrumOnce) {
  Graph graph =
      fft_convolutions(fft_network({14, 14, 32, 64, 5, 5, {2, 2, 2, 2}}, true), 128, kOurs);
  graph = remove_dead_code(share_common_subexpressions(graph));
  EXPECT_EQ(count<Conv2d>(graph) + count<Conv2dGradData>(graph) + count<Conv2dGradKernel>(graph),
            0);
  EXPECT_EQ(count<Fft2d>(graph), 3) << to_text(graph);
  EXPECT_EQ(count<SpectralConv2d>(graph), 2);
  EXPECT_EQ(count<SpectralConv2dGradKernel>(graph), 1);
  EXPECT_EQ(count<InverseFft2d>(graph), 3);
  for (const Node& node : graph.nodes())
    if (const auto* fft = std::get_if<Fft2d>(&node.op)) {
      EXPECT_EQ(fft->size, 16);
    }
  EXPECT_EQ(to_text(fft_convolutions(graph, 128, kOurs)), to_text(graph));
}

// Maps larger than a field: of 64x64 16 tiles of 20x20, each for 16x16 of y.
TEST(FftConvolutions, TakesLargeMapsByTiles) {
  Graph graph =
      fft_convolutions(fft_network({64, 64, 16, 32, 5, 5, {2, 2, 2, 2}}, true), 32, kOurs);
  graph = remove_dead_code(share_common_subexpressions(graph));
  EXPECT_EQ(count<Conv2d>(graph) + count<Conv2dGradData>(graph) + count<Conv2dGradKernel>(graph),
            0);
  EXPECT_EQ(count<TiledFft2d>(graph), 2) << to_text(graph);
  EXPECT_EQ(count<InverseTiledFft2d>(graph), 2);
  EXPECT_EQ(count<Fft2d>(graph), 1) << "the kernel's";
  EXPECT_EQ(to_text(parse_graph(to_text(graph))), to_text(graph));
  EXPECT_EQ(to_text(fft_convolutions(graph, 32, kOurs)), to_text(graph));
}

TEST(FftConvolutions, GivesTheSameNumbersByTiles) {
  std::int64_t changed = 0;
  for_random_cases(6, [&](Draw& draw) {
    const auto pad = [&] { return draw.integer(0, 3); };
    const Network z = {draw.integer(36, 50),        draw.integer(20, 50), draw.integer(12, 17),
                       draw.integer(12, 17),        draw.integer(5, 6),   draw.integer(5, 6),
                       {pad(), pad(), pad(), pad()}};
    const Graph before = fft_network(z, true);
    const Graph after = fft_convolutions(before, 64, kOurs);
    verify(after, Level::inference);
    changed += count<TiledFft2d>(after) > 0 ? 1 : 0;
    CompileOptions options;
    options.batch = 3;
    options.machine = {2, KernelPreference::native};
    // The plan takes tiles too, so that the interpreter on the graph before is the measure.
    expect_plan_agrees(before, Level::inference, options, 5, 1e-4);
  });
  EXPECT_GE(changed, 4);
}

TEST(FftConvolutions, GivesTheSameNumbers) {
  std::int64_t changed = 0;
  for_random_cases(12, [&](Draw& draw) {
    const auto pad = [&] { return draw.integer(0, 3); };
    const Network z = {draw.integer(8, 13),         draw.integer(8, 13), draw.integer(12, 20),
                       draw.integer(12, 20),        draw.integer(4, 5),  draw.integer(4, 5),
                       {pad(), pad(), pad(), pad()}};
    const Graph before = fft_network(z, true);
    const Graph after = fft_convolutions(before, 64, kOurs);
    verify(after, Level::inference);
    changed += 1 - count<Conv2d>(after);
    expect_same_numbers(bind_batch(before, 3), bind_batch(after, 3), 2e-5);
  });
  EXPECT_GE(changed, 4);
}

TEST(FftConvolutions, LeavesAloneWhatIsLessWorkDirectly) {
  const auto unchanged = [](const Network& z, std::int64_t batch, const Machine& machine) {
    const Graph graph = fft_network(z, true);
    return to_text(fft_convolutions(graph, batch, machine)) == to_text(graph);
  };
  const Network large = {14, 14, 32, 64, 5, 5, {2, 2, 2, 2}};
  EXPECT_FALSE(unchanged(large, 128, kOurs));
  EXPECT_TRUE(unchanged(large, 1, kOurs));                                  // a kernel for an image
  EXPECT_TRUE(unchanged({28, 28, 1, 32, 5, 5, {2, 2, 2, 2}}, 128, kOurs));  // one channel
  EXPECT_TRUE(unchanged({14, 14, 32, 64, 1, 1, {0, 0, 0, 0}}, 128, kOurs));
  EXPECT_TRUE(unchanged({60, 60, 1, 8, 5, 5, {2, 2, 2, 2}}, 128, kOurs));
  EXPECT_TRUE(unchanged(large, 128, {1, KernelPreference::reference}));
  EXPECT_TRUE(unchanged(large, 128, {1, KernelPreference::onednn}));
}

TEST(FftConvolutions, LeavesStridesDilationAndGroupsAlone) {
  for (const Conv2d& conv : {Conv2d{{2, 2}, {2, 2, 2, 2}}, Conv2d{{1, 1}, {2, 2, 2, 2}, {2, 2}},
                             Conv2d{{1, 1}, {2, 2, 2, 2}, {1, 1}, 2}}) {
    Graph graph("g");
    const Value x = ops::input(graph, "x", DType::f32, {kBatch, 14, 14, 32});
    const Value kernel =
        ops::parameter(graph, "kernel", {5, 5, 32 / conv.groups, 64}, Initializer::glorot_uniform);
    graph.output("y", ops::conv2d(graph, x, kernel, conv, "conv"));
    EXPECT_EQ(to_text(fft_convolutions(graph, 128, kOurs)), to_text(graph));
  }
}

}  // namespace
}  // namespace evenkeel::test
