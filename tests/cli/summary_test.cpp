// SPDX-License-Identifier: Apache-2.0
// `summary`: layers, and plans.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Summary, CountsTheReferenceNetwork) {
  CommandLine line;
  const Outcome outcome = line.run({"summary", "mnist-cnn"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* number : {"832", "51,264", "6,272", "3,212,288", "10,250", "3,280,906"})
    EXPECT_THAT(outcome.out, HasSubstr(number));
  EXPECT_THAT(outcome.out, Not(HasSubstr("pass")));
  EXPECT_THAT(outcome.out, HasSubstr("Weight decay and L2, where asked for, apply to kernels; "
                                     "not to gamma, beta, biases.\n"));
}

TEST(Summary, JsonIsOneObject) {
  CommandLine line;
  const json summary = json::parse(line.run({"summary", "mnist-cnn", "--json"}).out);
  EXPECT_EQ(summary.at("model"), "mnist-cnn");
  EXPECT_EQ(summary.at("total").at("trainable"), 3280906);
  EXPECT_EQ(summary.at("input"), json::parse("[null,28,28,1]"));
  for (const json& layer : summary.at("layers"))
    if (layer.at("name") == "bn1") {
      EXPECT_EQ(layer.at("state"), 6272);
    }
}

TEST(Summary, PlansShowPassesMemoryAndPhases) {
  CommandLine line;
  const Outcome outcome = line.run({"summary", "mnist-cnn", "--plan", "--threads", "2"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* part : {"Training, batch 128, threads 2", "Inference, batch 128, threads 2",
                           "to_training", "fold_batch_norm", "without reuse", "kernel calls",
                           "8 x 16 images", "slice", "bn1/moments", "guard"})
    EXPECT_THAT(outcome.out, HasSubstr(part));
}

TEST(Summary, KernelsCanBePreferred) {
  CommandLine line;
  const auto lines = lines_of(
      line.run({"summary", "mnist-cnn", "--plan", "--json", "--kernels", "reference"}).out);
  ASSERT_EQ(lines.size(), 3U);
  const json plan = json::parse(lines[1]);
  EXPECT_LT(plan.at("arena_bytes"), plan.at("arena_bytes_without_reuse"));
  for (const json& phase : plan.at("phases"))
    for (const json& step : phase.at("steps"))
      EXPECT_THAT(step.at("kernel").get<std::string>(), ::testing::StartsWith("reference/"));
}

TEST(Summary, TakesACheckpoint) {
  TinyRun run;
  const Outcome outcome = run.run({"summary", "start.safetensors"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("tiny: u8[N,28,28,1] -> f32[N,10]"));
}

}  // namespace
}  // namespace evenkeel::test
