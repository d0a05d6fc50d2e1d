// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/strip.h"

#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"

namespace evenkeel::test {
namespace {

TEST(Strip, WithoutDropoutItsReadersReadItsInput) {
  Graph graph("net");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 3});
  const Value dropped = graph.add(Dropout{0.5}, {x}, "dropout1");
  const Value y = graph.add(Relu{}, {graph.add(Dropout{0.25}, {dropped}, "dropout2")}, "relu1");
  graph.output("y", y);
  const Graph bare = without_dropout(graph);
  ASSERT_EQ(bare.nodes().size(), 2U);
  EXPECT_EQ(bare.node(bare.find_output("y")).inputs, std::vector<Value>{Value{0}});
  EXPECT_EQ(without_dropout(bare), bare);
}

TEST(Strip, WithoutEffectsOnlyTheNodesAreLeft) {
  Graph graph("step");
  const Value x = ops::input(graph, "x", DType::f32, {3});
  const Value state = graph.add(State{{DType::f32, {3}}}, {}, "w");
  const Value sum = graph.add(Add{}, {state, x}, "sum");
  graph.update(state, sum);
  graph.guard(sum);
  graph.output("sum", sum);
  const Graph bare = without_effects(graph);
  EXPECT_EQ(bare.nodes(), graph.nodes());
  EXPECT_EQ(bare.name(), "step");
  EXPECT_TRUE(bare.updates().empty() && bare.guards().empty() && bare.outputs().empty());
}

}  // namespace
}  // namespace evenkeel::test
