// SPDX-License-Identifier: Apache-2.0
// --math: what it does to plans, and that a run keeps it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// Tiles of 4x4 are taken for more convolutions than those of 2x2.
TEST(MathOption, StrictLeavesOutTheTilesThatRoundMore) {
  CommandLine line;
  const auto tiled = [&](const std::string& math) {
    const Outcome outcome = line.run(
        {"summary", "resnet20", "--plan", "--batch", "16", "--kernels", "native", "--math", math});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const auto lines = lines_of(outcome.out);
    return std::count_if(lines.begin(), lines.end(), [](const std::string& text) {
      return text.find("native/winograd_conv2d ") != std::string::npos;
    });
  };
  EXPECT_LT(tiled("strict"), tiled("fast"));
}

TEST(MathOption, IsSaidAndNotedAndKeptByAResumedRun) {
  TinyRun run;
  const Outcome trained = run.run(TinyRun::train("out", 1, {"--math", "strict", "--json"}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(lines_of(trained.out).at(0)).at("math"), "strict");
  const Outcome resumed = run.run(TinyRun::resume("out", {"--epochs", "2"}));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("math: strict"));
  const Outcome changed =
      run.run(TinyRun::resume("out", {"--epochs", "3", "--json", "--math", "fast"}));
  ASSERT_EQ(changed.code, 0) << changed.err;
  EXPECT_EQ(json::parse(lines_of(changed.out).at(0)).at("math"), "fast");
}

TEST(MathOption, IsTakenByEveryCommandThatComputes) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  for (const std::string command : {"evaluate", "recalibrate"}) {
    const Outcome outcome = run.run({command, "out", "--data-dir", "sets", "--math", "strict"});
    EXPECT_EQ(outcome.code, 0) << command << ": " << outcome.err;
  }
  const Outcome predicted = run.run(
      {"predict", "out", "--data-dir", "sets", "--index", "0", "--no-picture", "--math", "strict"});
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  const Outcome refused = run.run({"evaluate", "out", "--data-dir", "sets", "--math", "stricter"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("did you mean 'strict'?"));
}

}  // namespace
}  // namespace evenkeel::test
