// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/narrow_weights.h"

#include <gtest/gtest.h>

#include "evenkeel/compile/dead_code.h"
#include "evenkeel/compile/fuse_epilogue.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/feeds.h"

namespace evenkeel::test {
namespace {

constexpr Machine kNativeProducts = {1, KernelPreference::native};

// A large dense layer and a small one.
Graph two_layers(DType dtype = DType::f32) {
  Graph graph("network");
  const auto dense = [&](Value x, std::int64_t C, std::int64_t K, const std::string& name) {
    const Value W = ops::parameter(graph, name + "/W", {C, K}, Initializer::glorot_uniform, dtype);
    const Value b = ops::parameter(graph, name + "/b", {K}, Initializer::zeros, dtype);
    return ops::bias_add(graph, ops::matmul(graph, x, W, {}, name), b, name + "/y");
  };
  const Value x = ops::input(graph, "x", dtype, {kBatch, 257});
  const Value hidden = ops::relu(graph, dense(x, 257, 259, "dense1"), "relu");
  graph.output("y", dense(hidden, 259, 10, "dense2"));
  return graph;
}

// The definition in ops that every backend has: the kernel there and back.
Graph rounded_by_hand(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    auto kept = keep(to, from, id, in);
    if (from.node(id).name != "dense1/W") return kept;
    const Value narrow = to.add(Cast{DType::bf16}, {kept[0]}, "narrow");
    return std::vector<Value>{to.add(Cast{from.type({id, 0}).dtype}, {narrow}, "rounded")};
  });
}

int count_of(const Graph& graph, std::string_view what) {
  int count = 0;
  const std::string text = to_text(graph);
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

TEST(NarrowWeights, ReadsBf16WhereRowsAreFewAndRoundsElsewhere) {
  const Graph few = narrow_weights(two_layers(), 1, kNativeProducts);
  EXPECT_EQ(count_of(few, " = cast "), 1) << to_text(few);
  EXPECT_EQ(count_of(few, "%dense1 = matmul %x, %dense1/kernel/bf16 "), 1) << to_text(few);
  for (const auto& [batch, machine] :
       {std::pair{std::int64_t{16}, kNativeProducts},
        std::pair{std::int64_t{1}, Machine{1, KernelPreference::reference}}}) {
    const Graph many = narrow_weights(two_layers(), batch, machine);
    EXPECT_EQ(count_of(many, " = cast "), 2) << to_text(many);
    EXPECT_EQ(count_of(many, "%dense1 = matmul %x, %dense1/kernel/rounded "), 1) << to_text(many);
  }
}

TEST(NarrowWeights, IsTheRoundingOfTheKernelAlone) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    const Graph graph = two_layers(dtype);
    const double tolerance = dtype == DType::f64 ? 1e-13 : 0;
    for (const std::int64_t batch : {1, 16})
      expect_same_numbers(rounded_by_hand(graph), narrow_weights(graph, batch, kNativeProducts),
                          tolerance);
  }
}

TEST(NarrowWeights, GoesOnAsOtherPassesDo) {
  const Graph narrow = narrow_weights(two_layers(), 1, kNativeProducts);
  verify(narrow, Level::inference);
  EXPECT_EQ(to_text(parse_graph(to_text(narrow))), to_text(narrow));
  EXPECT_EQ(narrow_weights(narrow, 1, kNativeProducts), narrow) << "done once";
  const Graph fused = remove_dead_code(fuse_epilogues(narrow));
  EXPECT_EQ(count_of(fused, "%relu = fused %x, %dense1/kernel/bf16, @dense1/b"), 1)
      << to_text(fused);
  for (const std::int64_t batch : {1, 7, 8, 33})
    for (const int threads : {1, 3})
      expect_plan_agrees(narrow, Level::inference, {batch, {threads, KernelPreference::automatic}},
                         5, 1e-5);
}

TEST(NarrowWeights, LeavesWhatTheStateDoesNotGiveAlone) {
  Graph graph("network");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 300});
  const Value W = ops::input(graph, "W", DType::f32, {300, 300});
  graph.output("y", ops::matmul(graph, x, W));
  EXPECT_EQ(narrow_weights(graph, 1, kNativeProducts), graph);
}

// What is prepared is cast once for a state; a run reads it.
TEST(NarrowWeights, CastsInPrepare) {
  CompileOptions options{1, kNativeProducts};
  options.passes.weights = Weights::bf16;
  const auto plan = compile_inference(two_layers(), options);
  const auto calls = [](const std::vector<Phase>& phases, std::string_view kernel) {
    int count = 0;
    for (const Phase& phase : phases)
      for (const Step& step : phase.steps) count += step.kernel == kernel ? 1 : 0;
    return count;
  };
  EXPECT_EQ(calls(plan->prepare, "native/cast"), 1);
  EXPECT_EQ(calls(plan->run, "native/cast"), 0);
  EXPECT_EQ(calls(plan->run, "native/fused/matmul/few_rows_bf16"), 1);
  EXPECT_EQ(calls(plan->run, "native/fused/matmul/few_rows"), 1) << "the small layer";
  options.passes.weights = Weights::f32;
  EXPECT_EQ(calls(compile_inference(two_layers(), options)->run, "native/fused/matmul/few_rows"),
            2);
}

}  // namespace
}  // namespace evenkeel::test
