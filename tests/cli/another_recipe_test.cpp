// SPDX-License-Identifier: Apache-2.0
// A run that is to go on from what another recipe has trained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kForeign = "step-00000030.safetensors";

std::vector<std::string> with_batches_of_16(const std::string& out) {
  auto words = TinyRun::train(out, 4);
  *(std::find(words.begin(), words.end(), "8")) = "16";
  return words;
}

TEST(AnotherRecipe, ItsCheckpointInARunsFolderIsRefusedAndChangesNothing) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  ASSERT_EQ(run.run(with_batches_of_16("other")).code, 0);  // four epochs of seven steps
  fs::copy(run.path("other/step-00000028.safetensors"), run.path("out") / kForeign);
  const ByteVector notes = run.bytes("out/run.json");
  const ByteVector metrics = run.bytes("out/metrics.jsonl");
  const std::string foreign = std::string("out/") + kForeign;
  for (const std::string& from : {std::string("out"), foreign}) {
    const Outcome outcome = run.run(TinyRun::resume(from, {"--epochs", "6"}));
    EXPECT_EQ(outcome.code, 3) << outcome.err;
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr("[" + foreign + "]"), HasSubstr("train.batch = 8 there, 16 here"),
                      HasSubstr("move it away")));
  }
  EXPECT_EQ(run.bytes("out/run.json"), notes);
  EXPECT_EQ(run.bytes("out/metrics.jsonl"), metrics);
  // What the error says helps.
  EXPECT_EQ(run.run(TinyRun::resume(foreign, {"--epochs", "5", "--out", "own"})).code, 0);
  EXPECT_TRUE(fs::exists(run.path("own/step-00000035.safetensors")));
  fs::remove(run.path(foreign));
  EXPECT_EQ(run.run(TinyRun::resume("out", {"--epochs", "2"})).code, 0);
}

TEST(AnotherRecipe, OfOtherLayersIsRefusedWithBoth) {
  TinyRun run;
  const auto recipe = [](int units) {
    return bytes_of(
        "[model]\nname = \"two\"\n[[model.layers]]\ntype = \"flatten\"\n"
        "[[model.layers]]\ntype = \"dense\"\nunits = " +
        std::to_string(units) +
        "\n[[model.layers]]\ntype = \"dense\"\nunits = 10\n[train]\nbatch = 8\n");
  };
  write_bytes(run.path("a.toml"), recipe(16));
  write_bytes(run.path("b.toml"), recipe(24));
  const std::vector<std::string> rest = {"--data-dir", "sets", "--data",    "mnist",
                                         "--epochs",   "1",    "--threads", "1"};
  std::vector<std::string> words = {"train", "a.toml", "--out", "out"};
  words.insert(words.end(), rest.begin(), rest.end());
  ASSERT_EQ(run.run(words).code, 0);
  words = {"train", "b.toml", "--resume", "out"};
  words.insert(words.end(), rest.begin(), rest.end());
  const Outcome outcome = run.run(words);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("b.toml"), HasSubstr("units = 16"),
                                 HasSubstr("units = 24"), HasSubstr("start a new run")));
}

}  // namespace
}  // namespace evenkeel::test
