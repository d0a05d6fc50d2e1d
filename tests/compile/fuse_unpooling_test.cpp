// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_unpooling.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/compile/dead_code.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/feeds.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr Machine kNativeUnpooling = {1, KernelPreference::native};

// Convolution and pooling, the kernel's gradient, and if asked that of x.
Graph pooled_network(std::int64_t channels, Pair window, bool data_too) {
  Graph graph("network");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 7, 8, channels});
  const Value kernel =
      ops::parameter(graph, "kernel", {3, 3, channels, 5}, Initializer::glorot_uniform);
  const Value y = ops::conv2d(graph, x, kernel, {{1, 1}, {1, 1, 1, 1}}, "conv");
  const Value pooled = ops::max_pool2d(graph, y, {window, window}, "pool");
  const Value loss = ops::mean(graph, ops::multiply(graph, pooled, pooled, "squares"), "loss");
  graph.output("loss", loss);
  std::vector<Value> wanted = {kernel};
  if (data_too) wanted.push_back(x);
  const std::vector<Value> slopes = gradients(graph, loss, wanted);
  graph.output("dkernel", slopes[0]);
  if (data_too) graph.output("dx", slopes[1]);
  return graph;
}

bool fuses_unpooling(const Graph& graph, const Machine& machine = kNativeUnpooling) {
  const Graph after = fuse_unpooling(graph, 6, machine);
  const auto& nodes = after.nodes();
  return std::any_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return std::holds_alternative<UnpooledConv2dGradKernel>(node.op);
  });
}

TEST(FuseUnpooling, KeepsTheNumbersAndLosesTheMap) {
  const Graph before = pooled_network(1, {2, 2}, false);
  const Graph after = remove_dead_code(fuse_unpooling(before, 6, kNativeUnpooling));
  ASSERT_TRUE(fuses_unpooling(before));
  verify(after, Level::training);
  const auto& nodes = after.nodes();
  EXPECT_TRUE(std::none_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return std::holds_alternative<MaxPool2dGrad>(node.op);
  })) << to_text(after);
  expect_same_numbers(with_float(before, DType::f64), with_float(after, DType::f64), 1e-12);
}

TEST(FuseUnpooling, LeavesWhatWouldNotGain) {
  EXPECT_TRUE(fuses_unpooling(pooled_network(4, {2, 2}, false)));
  EXPECT_FALSE(fuses_unpooling(pooled_network(5, {2, 2}, false))) << "a matrix product is faster";
  EXPECT_FALSE(fuses_unpooling(pooled_network(1, {3, 3}, false))) << "no native kernel";
  EXPECT_FALSE(fuses_unpooling(pooled_network(1, {2, 2}, true)))
      << "the gradient of x reads the map";
  EXPECT_FALSE(fuses_unpooling(with_float(pooled_network(1, {2, 2}, false), DType::f64)))
      << "no native kernel";
  EXPECT_TRUE(fuses_unpooling(pooled_network(1, {2, 2}, false), {2, KernelPreference::automatic}));
  for (const auto preference : {KernelPreference::reference, KernelPreference::onednn})
    EXPECT_FALSE(fuses_unpooling(pooled_network(1, {2, 2}, false), {1, preference}));
}

// The gradient of a pooling that a transform reads.
Graph transformed_network(const MaxPool2d& pool, bool map_too) {
  Graph graph("network");
  const Value y = ops::input(graph, "y", DType::f32, {kBatch, 7, 6, 5});
  const Value pooled = ops::max_pool2d(graph, y, pool, "pool");
  const MaxPool2dGrad unpool = {pool.window, pool.stride, pool.padding, {7, 6}};
  const Value map = graph.add(unpool, {pooled, {pooled.node, 1}}, "unpool");
  graph.output("Z", graph.add(Fft2d{8, {1, 2}}, {map}, "spectrum"));
  if (map_too) graph.output("map", map);
  return graph;
}

Graph fused_transform(const Graph& graph, const Machine& machine = kNativeUnpooling) {
  return remove_dead_code(fuse_unpooling(graph, 6, machine));
}

template <typename OpType>
bool has_node(const Graph& graph) {
  const auto& nodes = graph.nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node& node) { return std::holds_alternative<OpType>(node.op); });
}

TEST(FuseUnpooling, IntoTransformsKeepsTheNumbersAndLosesTheMap) {
  const Graph before = transformed_network({}, false);
  const Graph after = fused_transform(before);
  verify(after, Level::inference);
  EXPECT_TRUE(has_node<UnpooledFft2d>(after) && !has_node<MaxPool2dGrad>(after)) << to_text(after);
  EXPECT_EQ(to_text(parse_graph(to_text(after))), to_text(after));
  expect_same_numbers(with_float(before, DType::f64), with_float(after, DType::f64), 1e-12);
}

TEST(FuseUnpooling, LeavesTransformsOfOtherMapsAlone) {
  EXPECT_FALSE(has_node<UnpooledFft2d>(fused_transform(transformed_network({}, true))))
      << "the map is read elsewhere";
  for (const MaxPool2d& pool : {MaxPool2d{{3, 3}, {2, 2}}, MaxPool2d{{2, 2}, {1, 1}},
                                MaxPool2d{{2, 2}, {2, 2}, {1, 0, 0, 0}}})
    EXPECT_FALSE(has_node<UnpooledFft2d>(fused_transform(transformed_network(pool, false))))
        << "no native kernel";
  for (const auto preference : {KernelPreference::reference, KernelPreference::onednn})
    EXPECT_FALSE(
        has_node<UnpooledFft2d>(fused_transform(transformed_network({}, false), {1, preference})));
}

}  // namespace
}  // namespace evenkeel::test
