// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_conv_pooling.h"

#include <gtest/gtest.h>

#include "evenkeel/compile/dead_code.h"
#include "evenkeel/compile/fuse_epilogue.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/feeds.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr Machine kNativePooling = {1, KernelPreference::native};

Graph network(std::int64_t channels, const MaxPool2d& pool, bool map_too = false) {
  Graph graph("network");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 7, 8, channels});
  const Value W = ops::parameter(graph, "kernel", {3, 3, channels, 5}, Initializer::glorot_uniform);
  const Value b = ops::input(graph, "b", DType::f32, {5});
  Value y = ops::bias_add(graph, ops::conv2d(graph, x, W, {{1, 1}, {1, 1, 1, 1}}, "conv"), b);
  y = ops::relu(graph, y);
  const Value pooled = ops::max_pool2d(graph, y, pool, "pool");
  graph.output("y", pooled);
  graph.output("argmax", {pooled.node, 1});
  if (map_too) graph.output("map", y);
  return graph;
}

Graph fused(const Graph& graph, const Machine& machine = kNativePooling) {
  return remove_dead_code(fuse_conv_pooling(fuse_epilogues(graph), 6, machine));
}

bool pools(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (std::holds_alternative<MaxPool2d>(node.op)) return true;
  return false;
}

TEST(FuseConvPooling, KeepsTheNumbersAndLosesTheMap) {
  const Graph before = network(3, {});
  const Graph after = fused(before);
  verify(after, Level::inference);
  EXPECT_FALSE(pools(after)) << to_text(after);
  EXPECT_NE(to_text(after).find("epilogue [bias_add, relu, max_pool2d {"), std::string::npos)
      << to_text(after);
  EXPECT_EQ(to_text(parse_graph(to_text(after))), to_text(after));
  expect_same_numbers(with_float(before, DType::f64), with_float(after, DType::f64), 1e-12);
}

TEST(FuseConvPooling, LeavesWhatWouldNotGain) {
  EXPECT_TRUE(pools(fused(network(5, {})))) << "a matrix product is faster";
  EXPECT_TRUE(pools(fused(network(1, {{3, 3}, {2, 2}})))) << "no native kernel";
  EXPECT_TRUE(pools(fused(network(1, {}, true)))) << "the map is read elsewhere";
  EXPECT_TRUE(pools(fused(with_float(network(1, {}), DType::f64)))) << "no native kernel";
  EXPECT_FALSE(pools(fused(network(1, {}), {2, KernelPreference::automatic})));
  for (const auto preference : {KernelPreference::reference, KernelPreference::onednn})
    EXPECT_TRUE(pools(fused(network(1, {}), {1, preference})));
}

}  // namespace
}  // namespace evenkeel::test
