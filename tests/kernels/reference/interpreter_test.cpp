// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/reference/interpreter.h"

#include <gtest/gtest.h>

#include <string>

#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/kernel.h"
#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

// y = relu(x W), and W doubles.
Graph dense() {
  Graph graph("dense");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 2});
  const Value W = ops::parameter(graph, "W", {2, 1}, Initializer::ones);
  graph.output("y", ops::relu(graph, ops::matmul(graph, x, W)));
  graph.update(W, ops::add(graph, W, W));
  return graph;
}

TEST(Interpreter, GivesOutputsUpdatesAndEveryValue) {
  const Graph graph = dense();
  const auto run =
      Interpreter(graph, 2).run({{"x", f32({2, 2}, {1, 2, -3, 1})}, {"W", f32({2, 1}, {1, 10})}});
  EXPECT_EQ(run.outputs.at("y"), f32({2, 1}, {21, 7}));
  EXPECT_EQ(run.updates.at("W"), f32({2, 1}, {2, 20}));
  EXPECT_EQ(run.at({graph.find("x"), 0}), f32({2, 2}, {1, 2, -3, 1}));
}

TEST(Interpreter, ComputesTheSameGraphInDouble) {
  const auto run = Interpreter(with_float(dense(), DType::f64), 1)
                       .run({{"x", f64({1, 2}, {1, 2})}, {"W", f64({2, 1}, {1, 1e-12})}});
  EXPECT_EQ(run.outputs.at("y"), f64({1, 1}, {1 + 2e-12}));
}

// What the error says of a run with these feeds.
std::string message(const NamedTensors& feeds) {
  try {
    Interpreter(dense(), 1).run(feeds);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

TEST(Interpreter, RefusesFeedsThatDoNotFit) {
  const Tensor x = f32({1, 2}, {1, 2});
  const Tensor W = f32({2, 1}, {1, 10});
  EXPECT_EQ(message({{"x", x}, {"W", W}}), "");
  EXPECT_EQ(message({{"x", x}}), "[W] expected a tensor f32[2,1], got none");
  EXPECT_EQ(message({{"x", W}, {"W", W}}), "[x] expected a tensor f32[1,2], got f32[2,1]");
  EXPECT_NE(message({{"x", x}, {"W", W}, {"V", W}}).find("[V]"), std::string::npos);
}

TEST(Interpreter, RefusesALayerWithoutAMode) {
  Graph graph("model");
  ops::batch_norm(graph, ops::input(graph, "x", DType::f32, {kBatch, 2}), {}, "bn1");
  EXPECT_THROW(Interpreter(graph, 2), InvalidArgument);
  EXPECT_THROW(Interpreter(dense(), 0), InvalidArgument);
}

// Leaves are fed, and batch_norm and dropout have no mode yet; each other op has a kernel that is
// last of all.
TEST(ReferenceKernels, HaveOneOfEachOp) {
  std::vector<int> kernels(std::variant_size_v<AnyOp>, 0);
  for (const KernelEntry& entry : reference_kernels()) ++kernels[entry.op];
  for (const std::size_t without :
       {op_index<Input>, op_index<State>, op_index<BatchNorm>, op_index<Dropout>})
    EXPECT_EQ(kernels[without]++, 0);
  EXPECT_EQ(kernels, std::vector<int>(kernels.size(), 1));
}

}  // namespace
}  // namespace evenkeel::test
