// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_updates.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/compile/dead_code.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "evenkeel/train/update_graph.h"
#include "tests/support/feeds.h"

namespace evenkeel::test {
namespace {

constexpr Machine kNativeUpdates = {1, KernelPreference::native};

// A dense layer's step of Adam, with its gradient as an output if asked.
Graph step(std::int64_t width, bool gradient_too, const Adam& adam = {}) {
  Graph graph("step");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 30});
  const Value kernel = ops::parameter(graph, "kernel", {30, width}, Initializer::glorot_uniform);
  const Value y = ops::matmul(graph, x, kernel, {}, "dense");
  const Value loss = ops::mean(graph, ops::multiply(graph, y, y, "squares"), "loss");
  const std::vector<Value> slopes = gradients(graph, loss, std::vector<Value>{kernel});
  if (gradient_too) graph.output("dkernel", slopes[0]);
  add_updates(graph, adam, {kernel}, slopes);
  return graph;
}

bool fuses_updates(const Graph& graph, std::int64_t batch = 6,
                   const Machine& machine = kNativeUpdates) {
  const Graph after = fuse_updates(graph, batch, machine);
  const auto& nodes = after.nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node& node) { return std::holds_alternative<Fused>(node.op); });
}

TEST(FuseUpdates, KeepsTheNumbersAndLosesTheGradient) {
  const Graph before = step(40, false);
  const Graph after = remove_dead_code(fuse_updates(before, 6, kNativeUpdates));
  ASSERT_TRUE(fuses_updates(before));
  verify(after, Level::training);
  const auto& nodes = after.nodes();
  EXPECT_TRUE(std::none_of(nodes.begin(), nodes.end(), [](const Node& node) {
    const auto* product = std::get_if<MatMul>(&node.op);
    return std::holds_alternative<AdamUpdate>(node.op) ||
           (product != nullptr && product->transpose_a);
  })) << to_text(after);
  EXPECT_EQ(after.checks_after().size(), 1U);
  expect_same_numbers(with_float(before, DType::f64), with_float(after, DType::f64), 1e-12);
}

TEST(FuseUpdates, LeavesWhatOthersReadAndWhatWouldNotGain) {
  EXPECT_FALSE(fuses_updates(step(40, true))) << "the gradient is an output";
  Adam clipped;
  clipped.clip_norm = 1;
  EXPECT_FALSE(fuses_updates(step(40, false, clipped))) << "the norm reads the gradient";
  EXPECT_FALSE(fuses_updates(step(15, false))) << "narrow";
  EXPECT_FALSE(fuses_updates(step(40, false), 513)) << "a deep sum";
  EXPECT_FALSE(fuses_updates(with_float(step(40, false), DType::f64))) << "no native kernel";
  EXPECT_TRUE(fuses_updates(step(40, false), 6, {2, KernelPreference::automatic}));
  for (const auto preference : {KernelPreference::reference, KernelPreference::onednn})
    EXPECT_FALSE(fuses_updates(step(40, false), 6, {1, preference}));
}

}  // namespace
}  // namespace evenkeel::test
