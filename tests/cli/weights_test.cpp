// SPDX-License-Identifier: Apache-2.0
// --weights: what it does to a plan, and which commands take it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(WeightsOption, IsSeenInThePlanOfInference) {
  CommandLine line;
  const auto plan = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"summary", "mlp",       "--plan", "--batch",
                                      "2",       "--kernels", "native"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = line.run(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.out;
  };
  EXPECT_THAT(plan({}), Not(HasSubstr("bf16")));
  const std::string narrow = plan({"--weights", "bf16"});
  EXPECT_THAT(narrow, HasSubstr("narrow_weights"));
  EXPECT_THAT(narrow, HasSubstr("few_rows_bf16"));
}

TEST(WeightsOption, IsTakenByWhatPredicts) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  const Outcome evaluated =
      run.run({"evaluate", "out", "--data-dir", "sets", "--json", "--weights", "bf16"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_EQ(nlohmann::json::parse(evaluated.out).at("weights"), "bf16");
  const Outcome predicted = run.run({"predict", "out", "--data-dir", "sets", "--index", "0",
                                     "--no-picture", "--weights", "bf16"});
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  for (const std::string command : {"evaluate", "predict"}) {
    const Outcome refused = run.run({command, "out", "--data-dir", "sets", "--weights", "bf61"});
    EXPECT_EQ(refused.code, 2) << command;
    if (command == "evaluate") {
      EXPECT_THAT(refused.err, HasSubstr("did you mean 'bf16'?"));
    }
  }
}

}  // namespace
}  // namespace evenkeel::test
