// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel {
namespace {

using test::message_of;
using testing::HasSubstr;

const ValueType kVector = {DType::f32, {3}};

TEST(Graph, names_nodes_uniquely) {
  Graph graph;
  const Value x = graph.add(Input{kVector}, {}, "x");
  EXPECT_EQ(graph.node(x).name, "x");
  EXPECT_EQ(graph.node(graph.add(Relu{}, {x})).name, "relu");
  EXPECT_EQ(graph.node(graph.add(Relu{}, {x})).name, "relu_2");
  EXPECT_EQ(graph.node(graph.add(Relu{}, {x}, "x")).name, "x_2");
  EXPECT_TRUE(graph.contains("relu_2"));
  EXPECT_EQ(graph.find("relu_2"), NodeId{2});
}

TEST(Graph, a_node_that_fails_leaves_it_as_it_was) {
  Graph graph;
  const Value x = graph.add(Input{kVector}, {}, "x");
  const Graph before = graph;
  EXPECT_THROW(graph.add(Conv2d{}, {x, x}, "conv"), InvalidArgument);
  EXPECT_THROW(graph.add(Relu{}, {Value{7, 0}}, "relu"), InvalidArgument);
  EXPECT_THROW(graph.add(Relu{}, {Value{0, 1}}, "relu"), InvalidArgument);
  EXPECT_EQ(graph, before);
  EXPECT_FALSE(graph.contains("conv"));
}

TEST(Graph, suggests_the_nearest_name) {
  Graph graph("net");
  const Value x = graph.add(Input{kVector}, {}, "images");
  graph.output("logits", x);
  EXPECT_EQ(message_of([&] { graph.find("image"); }),
            "[net] no node is named 'image'; did you mean 'images'?");
  EXPECT_EQ(message_of([&] { graph.find_output("logit"); }),
            "[net] no output is named 'logit'; did you mean 'logits'?");
  EXPECT_EQ(graph.find_output("logits"), x);
}

TEST(Graph, updates_states_of_the_same_type_once) {
  Graph graph;
  const Value w = graph.add(State{kVector}, {}, "w");
  const Value x = graph.add(Input{kVector}, {}, "x");
  const Value y = graph.add(Input{{DType::f64, {3}}}, {}, "y");
  EXPECT_EQ(message_of([&] { graph.update(x, w); }),
            "[x] expected a state to update, got input node");
  EXPECT_EQ(message_of([&] { graph.update(w, y); }),
            "[w] expected an update of type f32[3], got f64[3]");
  graph.update(w, x);
  EXPECT_EQ(message_of([&] { graph.update(w, x); }),
            "[w] expected one update of a state, got a second");
  ASSERT_EQ(graph.updates().size(), 1U);
  EXPECT_EQ(graph.updates()[0], (Update{w.node, x}));
}

TEST(Graph, takes_only_values_of_its_own) {
  Graph graph;
  const Value strange = {3, 1};
  EXPECT_THROW(graph.guard(strange), InvalidArgument);
  EXPECT_THROW(graph.check_after(strange), InvalidArgument);
  EXPECT_THROW(graph.output("y", strange), InvalidArgument);
  EXPECT_THROW(graph.update(strange, strange), InvalidArgument);
  EXPECT_THAT(message_of([&] { graph.output("y", strange); }),
              HasSubstr("[y] expected a value of this graph, got output 1 of node 3"));
}

TEST(Graph, has_one_output_of_a_name) {
  Graph graph;
  const Value x = graph.add(Input{kVector}, {}, "x");
  graph.output("y", x);
  EXPECT_THROW(graph.output("y", x), InvalidArgument);
}

TEST(Graph, layer_is_what_stands_before_the_first_slash) {
  EXPECT_EQ(layer_of("conv1/relu/grad"), "conv1");
  EXPECT_EQ(layer_of("conv1"), "conv1");
}

}  // namespace
}  // namespace evenkeel
