// SPDX-License-Identifier: Apache-2.0
// Batch norm fused with what stands around it: each pass by itself, and a whole training step with
// all of them and without any.
#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/compile/dead_code.h"
#include "evenkeel/compile/fuse_epilogue.h"
#include "evenkeel/compile/fuse_winograd.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/rectify_gradients.h"
#include "evenkeel/compile/split_statistics.h"
#include "evenkeel/compile/winograd_convolutions.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "evenkeel/runtime/executor.h"
#include "tests/support/feeds.h"

namespace evenkeel::test {
namespace {

constexpr Machine kNativeNorms = {1, KernelPreference::native};

struct NormedBlock {
  std::int64_t H, W, C;
  bool map_is_output = false;
  BatchNorm norm = {};
};

// conv -> norm -> relu -> conv -> norm -> add x -> relu, a block of a ResNet, and all its
// gradients.
Graph block(const NormedBlock& z) {
  Graph graph("block");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, z.H, z.W, z.C});
  const Conv2d same = {{1, 1}, {1, 1, 1, 1}};
  std::vector<Value> wanted = {x};
  const auto conv = [&](Value from, const char* name) {
    const Value W = ops::parameter(graph, std::string(name) + "/kernel", {3, 3, z.C, z.C},
                                   Initializer::glorot_uniform);
    wanted.push_back(W);
    return ops::conv2d(graph, from, W, same, name);
  };
  const Value map =
      ops::relu(graph, ops::batch_norm(graph, conv(x, "conv1"), z.norm, "bn1"), "relu1");
  const Value inside = ops::batch_norm(graph, conv(map, "conv2"), z.norm, "bn2");
  const Value y = ops::relu(graph, ops::add(graph, inside, x, "sum"), "relu2");
  graph.output("y", y);
  if (z.map_is_output) graph.output("map", map);
  for (const char* name : {"bn1/gamma", "bn1/beta", "bn2/gamma", "bn2/beta"})
    wanted.push_back({graph.find(name), 0});
  Graph trained = to_training(graph);
  std::vector<Value> leaves;
  leaves.reserve(wanted.size());
  for (const Value leaf : wanted) leaves.push_back({trained.find(graph.node(leaf).name), 0});
  const Value out = trained.find_output("y");
  const Value loss = ops::mean(trained, ops::multiply(trained, out, out, "squares"), "loss");
  const std::vector<Value> slopes = gradients(trained, loss, leaves);
  for (std::size_t i = 0; i < slopes.size(); ++i)
    trained.output("slope" + std::to_string(i), slopes[i]);
  return trained;
}

template <typename OpType>
std::int64_t count_of(const Graph& graph) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [](const Node& node) { return std::holds_alternative<OpType>(node.op); });
}

TEST(RectifyGradients, MakesTheMaskAgain) {
  const Graph before = block({6, 7, 3});
  const Graph after = remove_dead_code(rectify_gradients(before));
  verify(after, Level::training);
  EXPECT_EQ(count_of<ReluGrad>(before), 2);
  EXPECT_EQ(count_of<ReluGrad>(after), 1) << "that of the sum\n" << to_text(after);
  EXPECT_EQ(to_text(rectify_gradients(after)), to_text(after));
  expect_same_numbers(before, after, 0);
  expect_same_numbers(with_float(before, DType::f64), with_float(after, DType::f64), 0);
}

TEST(RectifyGradients, InGroupsToo) {
  BatchNorm ghost;
  ghost.batch = GhostRule{1};
  const Graph before = block({6, 7, 3, false, ghost});
  const Graph after = remove_dead_code(rectify_gradients(before));
  EXPECT_EQ(count_of<ReluGrad>(after), 1);
  expect_same_numbers(before, after, 0);
}

TEST(RectifyGradients, LeaveAGradientThatIsReadElsewhere) {
  Graph graph = block({6, 7, 3});
  for (NodeId id = 0; id < graph.nodes().size(); ++id)
    if (std::holds_alternative<ReluGrad>(graph.node(id).op))
      graph.output("mask" + std::to_string(id), {id, 0});
  EXPECT_EQ(to_text(rectify_gradients(graph)), to_text(graph));
}

TEST(FuseEpilogues, TakesSumsAndActivationsBehindBatchNorm) {
  const Graph before = block({6, 7, 3});
  const Graph after = remove_dead_code(fuse_epilogues(before));
  verify(after, Level::training);
  EXPECT_EQ(count_of<Relu>(after) + count_of<BatchNormApply>(after), 0) << to_text(after);
  const Node& sum = after.node(after.find_output("y"));
  const Fused expected = {BatchNormApply{}, {Add{}, Relu{}}};
  EXPECT_TRUE(sum.op == Op(expected)) << to_text(after);
  expect_same_numbers(before, after, 0);
}

TEST(FuseEpilogues, MasksASumOfGradientsOnce) {
  Graph graph("g");
  const Value a = ops::input(graph, "a", DType::f32, {kBatch, 3});
  const Value b = ops::input(graph, "b", DType::f32, {kBatch, 3});
  const Value y = ops::relu(graph, a, "y");
  graph.output("y", y);
  graph.output("dx", graph.add(ReluGrad{}, {ops::add(graph, a, b, "sum"), y}, "dx"));
  const Graph after = remove_dead_code(fuse_epilogues(graph));
  EXPECT_EQ(count_of<Add>(after) + count_of<ReluGrad>(after), 0) << to_text(after);
  expect_same_numbers(graph, after, 0);
  graph.output("sum", {graph.find("sum"), 0});
  EXPECT_EQ(to_text(fuse_epilogues(graph)), to_text(graph)) << "the sum is read";
}

// By Winograd's ops, with statistics of each sample and masks in the gradients.
Graph winograd_block(const NormedBlock& z) {
  const Graph tiles =
      winograd_convolutions(split_statistics(block(z)), 64, kNativeNorms, Math::fast);
  return remove_dead_code(rectify_gradients(tiles));
}

TEST(FuseWinograd, LeavesTheNormalisedMapInNoMemory) {
  const Graph before = winograd_block({9, 11, 32});
  const Graph after = remove_dead_code(fuse_winograd(before, 64, kNativeNorms));
  verify(after, Level::training);
  EXPECT_EQ(count_of<BatchNormApply>(before), 2);
  EXPECT_EQ(count_of<BatchNormApply>(after), 1) << to_text(after);
  EXPECT_EQ(count_of<ChannelMoments>(after), 0);
  EXPECT_EQ(count_of<Fused>(after), 3) << "both convolutions, and the second one's gradient";
  EXPECT_EQ(to_text(fuse_winograd(after, 64, kNativeNorms)), to_text(after));
  expect_same_numbers(before, after, 0);
}

TEST(FuseWinograd, LeavesAMapThatIsReadElsewhere) {
  const Graph before = winograd_block({9, 11, 32, true});
  const Graph after = remove_dead_code(fuse_winograd(before, 64, kNativeNorms));
  EXPECT_EQ(count_of<BatchNormApply>(after), 2);
  EXPECT_EQ(count_of<ChannelMoments>(after), 0) << "moments are made beside it all the same";
  expect_same_numbers(before, after, 0);
  for (const auto preference : {KernelPreference::reference, KernelPreference::onednn})
    EXPECT_EQ(to_text(fuse_winograd(before, 64, {1, preference})), to_text(before));
}

std::vector<float> results_of(const Graph& graph, const CompileOptions& options) {
  const auto plan = compile_graph(graph, Level::training, options);
  StateStore state(graph, 1);
  Executor executor(plan, state);
  auto x = executor.input_as<float>("x");
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 101 - 0.3F;
  executor.run();
  std::vector<float> results;
  for (const Output& output : graph.outputs()) {
    const auto values = executor.output_as<float>(output.name);
    results.insert(results.end(), values.begin(), values.end());
  }
  return results;
}

// Odd maps, a tail slice, channels that no vector divides, as many threads as there is work or
// more.
TEST(FusedBatchNorm, GivesTheBytesOfWhatItReplaces) {
  for (const NormedBlock& z : {NormedBlock{13, 11, 20}, NormedBlock{8, 8, 64},
                               NormedBlock{5, 9, 72}, NormedBlock{9, 8, 32, true}}) {
    const Graph graph = block(z);
    CompileOptions options = {35, {1, KernelPreference::native}, {}};
    const std::vector<float> fused = results_of(graph, options);
    for (const int threads : {2, 3, 7}) {
      options.machine.threads = threads;
      EXPECT_TRUE(results_of(graph, options) == fused) << threads << " threads, C " << z.C;
    }
    options.machine.threads = 2;
    for (const char* pass : {"rectify_gradients", "fuse_winograd", "fuse_epilogues"}) {
      options.passes.disabled = {pass};
      EXPECT_TRUE(results_of(graph, options) == fused) << "without " << pass << ", C " << z.C;
    }
    options.passes.disabled = {"rectify_gradients", "fuse_winograd", "fuse_epilogues"};
    EXPECT_TRUE(results_of(graph, options) == fused) << "without any, C " << z.C;
    options.passes.math = Math::strict;
    const std::vector<float> strict = results_of(graph, options);
    options.passes.disabled = {};
    EXPECT_TRUE(results_of(graph, options) == strict) << "strict, C " << z.C;
  }
}

}  // namespace
}  // namespace evenkeel::test
