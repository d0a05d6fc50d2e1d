// SPDX-License-Identifier: Apache-2.0
// The reference network by the command, on a few images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/command.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::vector<std::string> train_reference(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"train", "--epochs", "1", "--batch", "8", "--threads", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(SlowReferenceRun, TrainsIntoTheNextRunFolder) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 36, 10);
  line.set("EVENKEEL_DATA", "sets");
  for (const char* folder : {"runs/001-mnist-cnn", "runs/002-mnist-cnn"}) {
    const Outcome outcome = line.run(train_reference({}));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                EndsWith(std::string("Checkpoint: ") + folder + "/step-00000004.safetensors\n"));
  }
  EXPECT_EQ(read_bytes(line.path("runs/001-mnist-cnn/step-00000004.safetensors")),
            read_bytes(line.path("runs/002-mnist-cnn/step-00000004.safetensors")));
}

TEST(SlowReferenceRun, EverySettingChangesTheResult) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 36, 10);
  line.set("EVENKEEL_DATA", "sets");
  const auto loss = [&](std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--json", "--quiet"});
    const Outcome outcome = line.run(train_reference(flags));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(lines_of(outcome.out).back()).at("loss").get<double>();
  };
  const double usual = loss({});
  EXPECT_NE(loss({"--seed", "2"}), usual);
  EXPECT_NE(loss({"--lr", "0.01"}), usual);
  EXPECT_NE(loss({"--adam-form", "pytorch"}), usual);
  EXPECT_NE(loss({"--statistics-rule", "tensorflow"}), usual);
}

// Later steps may differ by more: Adam divides by what starts near zero.
TEST(SlowReferenceRun, DoublePrecisionStartsFromTheSameWeights) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 36, 10);
  line.set("EVENKEEL_DATA", "sets");
  const auto first_loss = [&](const std::string& precision) {
    const Outcome outcome =
        line.run(train_reference({"--precision", precision, "--json", "--log-every", "1"}));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    for (const std::string& text : lines_of(outcome.out))
      if (const auto json = nlohmann::json::parse(text); json.at("event") == "batch")
        return json.at("loss").get<double>();
    return 0.0;
  };
  const double exact = first_loss("f64");
  EXPECT_NE(first_loss("f32"), exact);
  EXPECT_NEAR(first_loss("f32"), exact, 1e-5 * exact);
}

// Nothing that is not MNIST passes for it.
TEST(SlowReferenceRun, FallsBackToFashionMnistAndSaysSoEverywhere) {
  CommandLine line;
  write_idx_set(line.path("sets"), "fashion-mnist", 36, 10);
  line.set("EVENKEEL_DATA", "sets");
  const Outcome outcome = line.run(train_reference({}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const std::string& printed : lines_of(outcome.out))
    EXPECT_THAT(printed, HasSubstr("fashion-mnist"));
  const std::string folder = "runs/001-mnist-cnn-fashion-mnist";
  ASSERT_TRUE(fs::exists(line.path(folder) / "step-00000004.safetensors"));

  // Resumed and evaluated, it is still fashion-mnist.
  const Outcome resumed = line.run({"train", "--resume", folder, "--json"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  for (const std::string& object : lines_of(resumed.out))
    EXPECT_EQ(nlohmann::json::parse(object).at("data"), "fashion-mnist");
  EXPECT_THAT(line.run({"evaluate", folder}).out, HasSubstr("fashion-mnist test"));

  EXPECT_EQ(line.run(train_reference({"--data", "mnist"})).code, 3);
}

}  // namespace
}  // namespace evenkeel::test
