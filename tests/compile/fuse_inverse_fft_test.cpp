// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_inverse_fft.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/compile/dead_code.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/feeds.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr Machine kNativeInverse = {1, KernelPreference::native};

// A spectrum whose map of `extent` gets a bias, ReLU and pooling, which may stand before ReLU.
struct InverseNetwork {
  Pair extent = {6, 6};
  MaxPool2d pool = {};
  bool map_too = false;
  bool relu_last = false;
};

Graph inverse_network(const InverseNetwork& z) {
  Graph graph("network");
  const Value Z = ops::input(graph, "Z", DType::f32, {kBatch, frequencies_of(8), 2, 5});
  const Value b = ops::input(graph, "b", DType::f32, {5});
  Value y = graph.add(InverseFft2d{8, {1, 0}, z.extent}, {Z}, "inverse");
  y = ops::bias_add(graph, y, b, "bias");
  if (!z.relu_last) y = ops::relu(graph, y, "relu");
  const Value pooled = ops::max_pool2d(graph, y, z.pool, "pool");
  graph.output("y", z.relu_last ? ops::relu(graph, pooled, "relu") : pooled);
  graph.output("argmax", {pooled.node, 1});
  if (z.map_too) graph.output("map", y);
  return graph;
}

Graph fused_inverse(const Graph& graph, const Machine& machine = kNativeInverse) {
  return remove_dead_code(fuse_inverse_fft(graph, 6, machine));
}

template <typename OpType>
bool has_op(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const Node& node) { return std::holds_alternative<OpType>(node.op); });
}

void expect_same_meaning(const Graph& before, const Graph& after) {
  verify(after, Level::inference);
  EXPECT_EQ(to_text(parse_graph(to_text(after))), to_text(after));
  expect_same_numbers(with_float(before, DType::f64), with_float(after, DType::f64), 1e-12);
}

TEST(FuseInverseFft, KeepsTheNumbersAndLosesTheMap) {
  for (const Pair extent : {Pair{6, 6}, Pair{7, 5}, Pair{2, 3}}) {
    const Graph before = inverse_network({extent});
    const Graph after = fused_inverse(before);
    EXPECT_FALSE(has_op<MaxPool2d>(after) || has_op<InverseFft2d>(after)) << to_text(after);
    EXPECT_NE(to_text(after).find("epilogue [bias_add, relu, max_pool2d {"), std::string::npos)
        << to_text(after);
    expect_same_meaning(before, after);
    EXPECT_EQ(to_text(fused_inverse(after)), to_text(after));
  }
}

// What native kernels cannot pool stays behind bias and ReLU, and ReLU behind a pooling.
TEST(FuseInverseFft, TakesWhatKernelsTake) {
  for (const MaxPool2d& pool : {MaxPool2d{{3, 3}, {2, 2}}, MaxPool2d{{2, 2}, {1, 1}},
                                MaxPool2d{{2, 2}, {2, 2}, {1, 1, 1, 1}}}) {
    const Graph before = inverse_network({{6, 6}, pool});
    const Graph after = fused_inverse(before);
    EXPECT_TRUE(has_op<MaxPool2d>(after) && !has_op<Relu>(after)) << to_text(after);
    expect_same_meaning(before, after);
  }
  InverseNetwork z;
  z.relu_last = true;
  const Graph after = fused_inverse(inverse_network(z));
  EXPECT_TRUE(has_op<Relu>(after) && !has_op<MaxPool2d>(after)) << to_text(after);
  expect_same_meaning(inverse_network(z), after);
}

TEST(FuseInverseFft, LeavesTheRestAlone) {
  InverseNetwork z;
  z.map_too = true;
  EXPECT_TRUE(has_op<MaxPool2d>(fused_inverse(inverse_network(z)))) << "the map is read elsewhere";
  const Graph graph = inverse_network({});
  EXPECT_TRUE(has_op<MaxPool2d>(fused_inverse(with_float(graph, DType::f64))))
      << "no native kernel";
  for (const auto preference : {KernelPreference::reference, KernelPreference::onednn})
    EXPECT_EQ(to_text(fused_inverse(graph, {1, preference})), to_text(graph));
  EXPECT_FALSE(has_op<MaxPool2d>(fused_inverse(graph, {2, KernelPreference::automatic})));
}

// With the other passes before it: a 5x5 convolution in the middle of a network.
TEST(FuseInverseFft, PlansAgreeWithTheGraph) {
  for (const bool relu_last : {false, true}) {
    Graph graph("network");
    const Value x = ops::input(graph, "x", DType::f32, {kBatch, 13, 12, 20});
    const Value W = ops::parameter(graph, "kernel", {5, 5, 20, 19}, Initializer::glorot_uniform);
    const Value b = ops::input(graph, "b", DType::f32, {19});
    Value y = ops::conv2d(graph, x, W, {{1, 1}, {2, 2, 2, 2}}, "conv");
    y = ops::bias_add(graph, y, b, "bias");
    if (!relu_last) y = ops::relu(graph, y, "relu");
    y = ops::max_pool2d(graph, y, {}, "pool");
    graph.output("y", relu_last ? ops::relu(graph, y, "relu") : y);
    CompileOptions options;
    options.batch = 33;
    options.machine = {2, KernelPreference::native};
    expect_plan_agrees(graph, Level::inference, options, 7, 1e-4);
  }
}

}  // namespace
}  // namespace evenkeel::test
