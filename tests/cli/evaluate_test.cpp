// SPDX-License-Identifier: Apache-2.0
// `evaluate`: the same numbers however the images are grouped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(Evaluate, SameBytesForAnyBatch) {
  TinyRun run;
  write_idx_set(run.path("sets"), "mnist", 200, 300);
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  const std::vector<std::string> words = {"evaluate", "out", "--data-dir", "sets", "--json"};
  const Outcome first = run.run(words);
  ASSERT_EQ(first.code, 0) << first.err;
  for (const char* batch : {"1", "7", "128", "10000"}) {
    auto with_batch = words;
    with_batch.insert(with_batch.end(), {"--batch", batch});
    EXPECT_EQ(run.run(with_batch).out, first.out);
  }
  const json object = json::parse(first.out);
  EXPECT_EQ(object.at("images"), 300);
  EXPECT_EQ(object.at("data"), "mnist");
  EXPECT_EQ(object.at("step"), 23);
  EXPECT_GT(object.at("loss").get<double>(), 0);
  EXPECT_GE(object.at("accuracy").get<double>(), 0);
}

TEST(Evaluate, AgreesWithTheRunAndTakesAnySplit) {
  TinyRun run;
  const auto done = lines_of(run.run(TinyRun::train("out", 1, {"--quiet", "--json"})).out).back();
  std::vector<std::string> words = {
      "evaluate", "out/step-00000015.safetensors", "--data-dir", "sets", "--json", "--threads",
      "1"};
  EXPECT_EQ(json::parse(run.run(words).out).at("loss"), json::parse(done).at("loss"));
  words.insert(words.end(), {"--split", "validation"});
  EXPECT_EQ(json::parse(run.run(words).out).at("images"), 11);
}

TEST(Evaluate, ANetworkOfNoRunNeedsTheNameOfItsData) {
  TinyRun run;
  const Outcome outcome = run.run({"evaluate", "start.safetensors", "--data-dir", "sets"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--data"));
}

}  // namespace
}  // namespace evenkeel::test
