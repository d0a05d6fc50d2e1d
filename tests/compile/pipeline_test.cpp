// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/pipeline.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/step_graph.h"
#include "tests/support/feeds.h"
#include "tests/support/graph_checks.h"
#include "tests/support/idx_files.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

Graph add_adam_step(const Graph& graph) {
  return add_training_step(graph, softmax_cross_entropy(), Adam{});
}

const Phase* phase_of(const Plan& plan, const std::string& step) {
  for (const Phase& phase : plan.run)
    for (const Step& other : phase.steps)
      if (other.name == step) return &phase;
  return nullptr;
}

TEST(Pipeline, ConvolutionReluAndPoolingOfTheReferenceNetworkRunInSlicesOf16) {
  const auto plan = compile_training_step(mnist_cnn().graph(), add_adam_step, {.batch = 128});
  const Phase* phase = phase_of(*plan, "pool1");
  ASSERT_NE(phase, nullptr);
  EXPECT_EQ(phase->kind, PhaseKind::samples);
  EXPECT_EQ(phase->slice, 16);
  EXPECT_EQ(phase->extent, 8);
  for (const char* step : {"conv2/conv2d/spectrum", "pool2"})
    EXPECT_EQ(phase_of(*plan, step), phase) << step;
  // Too many weights for its activations: not sliced.
  EXPECT_NE(phase_of(*plan, "dense1/relu")->kind, PhaseKind::samples);
}

TEST(Pipeline, TheMapBeforeAPoolingIsInNoMemoryAndItsSpectrumInItsSliceAlone) {
  const auto plan = compile_training_step(mnist_cnn().graph(), add_adam_step, {.batch = 128});
  for (const char* map : {"conv1/relu", "conv2/conv2d", "conv2/relu"})
    EXPECT_EQ(phase_of(*plan, map), nullptr) << map;
  for (const Step& step : phase_of(*plan, "pool2")->steps) {
    if (step.name == "conv2/conv2d/spectrum") {
      EXPECT_EQ(step.outputs[0].space, Space::worker);
    }
  }
}

TEST(Pipeline, MemoryIsReusedAndEveryParameterIsUpdatedInPlace) {
  const auto plan = compile_training_step(mnist_cnn().graph(), add_adam_step, {.batch = 128});
  EXPECT_LT(plan->arena_bytes, plan->arena_bytes_without_reuse);
  for (const Phase& phase : plan->run) EXPECT_NE(phase.kind, PhaseKind::commit);
}

TEST(Pipeline, FoldedBatchNormLeavesNoStepInTheInferencePlan) {
  const Graph graph = Sequential("folds", image(8, 8, 1))
                          .conv2d(4, 3, {.bias = false})
                          .batch_norm()
                          .relu()
                          .flatten()
                          .dense(10)
                          .build()
                          .graph();
  const auto plan = compile_inference(graph, {.batch = 128});
  for (const Phase& phase : plan->run)
    for (const Step& step : phase.steps) EXPECT_EQ(step.kernel.find("affine"), std::string::npos);
  EXPECT_FALSE(plan->prepare.empty());
  CompileOptions unfolded{.batch = 128};
  unfolded.passes.disabled = {"fold_batch_norm"};
  EXPECT_NE(phase_of(*compile_inference(graph, unfolded), "bn1"), nullptr);
}

// The reference network's batch norm has no layer before it that it could be folded into.
TEST(Pipeline, BatchNormBeforeADenseLayerIsAStepOfTheInferencePlan) {
  const auto plan = compile_inference(mnist_cnn().graph(), {.batch = 128});
  EXPECT_NE(phase_of(*plan, "bn1"), nullptr);
}

// What is computed with; the process has the parameters, the optimiser's slots and the data
// besides.
TEST(Pipeline, TheReferenceNetworksArenasStayAsSmallAsTheyAre) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  const Graph graph = mnist_cnn().graph();
  const CompileOptions two_threads{.batch = 128, .machine = {2}};
  const auto training = compile_training_step(graph, add_adam_step, two_threads);
  EXPECT_LT(training->arena_bytes + 2 * training->worker_bytes, 50 * kMegabyte);
  const auto inference = compile_inference(graph, two_threads);
  EXPECT_LT(inference->arena_bytes + 2 * inference->worker_bytes, 15 * kMegabyte);
}

TEST(Pipeline, OneValuePerChannelInTrainingNamesTheLayer) {
  const std::string text = test::message_of(
      [] { compile_training_step(mnist_cnn().graph(), add_adam_step, {.batch = 1}); });
  EXPECT_NE(text.find("[bn1]"), std::string::npos) << text;
  EXPECT_NE(text.find("at least 2 values per channel"), std::string::npos) << text;
}

TEST(Pipeline, AnEmptyBatchIsRefused) {
  EXPECT_THROW(compile_inference(mnist_cnn().graph(), {.batch = 0}), InvalidArgument);
}

TEST(Pipeline, DumpsTheTextAfterEachPassThatChangedTheGraph) {
  const test::TemporaryFolder folder;
  CompileOptions options{.batch = 8};
  options.passes.dump_directory = (folder / "dump").string();
  const auto plan = compile_training_step(mnist_cnn().graph(), add_adam_step, options);
  std::size_t changed = 1;  // the graph as it was built
  for (const PassRecord& record : plan->passes) changed += record.changed ? 1 : 0;
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder / "dump")) {
    const auto bytes = test::read_bytes(file.path());
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    EXPECT_NO_THROW(parse_graph(text)) << file.path();
    ++files;
  }
  EXPECT_EQ(files, changed);
}

class PlanOfARandomStep : public testing::TestWithParam<KernelPreference> {};

TEST_P(PlanOfARandomStep, GivesTheInterpretersNumbersForAnyBatch) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("random step, seed " + std::to_string(seed));
    const std::int64_t batch = std::vector<std::int64_t>{2, 5, 8, 37}[seed % 4];
    const CompileOptions options{batch, {static_cast<int>(seed % 3 + 1), GetParam()}, {}};
    const Graph graph = test::random_step(seed);
    if (GetParam() == KernelPreference::reference)
      test::expect_plan_agrees(with_float(graph, DType::f64), Level::training, options, seed,
                               1e-12);
    else
      test::expect_plan_agrees(graph, Level::training, options, seed, 2e-3);
  }
}

TEST_P(PlanOfARandomStep, GivesTheInterpretersNumbersInInference) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("random network, seed " + std::to_string(seed));
    const std::int64_t batch = std::vector<std::int64_t>{1, 3, 8, 37}[seed % 4];
    const CompileOptions options{batch, {2, GetParam()}, {}};
    const Graph graph = to_inference(test::random_model(seed));
    if (GetParam() == KernelPreference::reference)
      test::expect_plan_agrees(with_float(graph, DType::f64), Level::inference, options, seed,
                               1e-12);
    else
      test::expect_plan_agrees(graph, Level::inference, options, seed, 1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, PlanOfARandomStep,
                         testing::Values(KernelPreference::automatic, KernelPreference::native,
                                         KernelPreference::onednn, KernelPreference::reference),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace evenkeel
