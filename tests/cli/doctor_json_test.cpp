// SPDX-License-Identifier: Apache-2.0
// `doctor --json` and `train --doctor --json`.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/tiny_run.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

using nlohmann::json;

TEST(DoctorJson, IsAnObjectAFindingAndOneWithTheTotals) {
  CommandLine line;
  const Outcome outcome = line.run(
      {"doctor", "--json",
       std::string(test::kSourceDir) + "/tests/golden/doctor/torch-never-updated.safetensors"});
  EXPECT_EQ(outcome.code, 0);
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 3U);
  const json first = json::parse(lines[0]);
  EXPECT_EQ(first.at("event"), "finding");
  EXPECT_EQ(first.at("severity"), "error");
  EXPECT_EQ(first.at("id"), "statistics-never-updated");
  EXPECT_EQ(first.at("layer"), "1");
  EXPECT_EQ(first.at("numbers").at("channels"), 6);
  for (const char* text : {"evidence", "why", "fix"}) EXPECT_GT(first.at(text).size(), 0U);
  const json totals = json::parse(lines[2]);
  EXPECT_EQ(totals.at("event"), "examined");
  EXPECT_EQ(totals.at("error"), 2);
  EXPECT_EQ(totals.at("warn"), 0);
}

TEST(DoctorJson, OfTrainIsOnStderrBesideTheRunsOwn) {
  TinyRun run;
  const Outcome outcome = run.run(TinyRun::train("out", 1, {"--doctor", "--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  int examined = 0;
  for (const std::string& each : lines_of(outcome.err))
    if (each.front() == '{') examined += json::parse(each).at("event") == "examined" ? 1 : 0;
  EXPECT_EQ(examined, 2);
  for (const std::string& each : lines_of(outcome.out))
    EXPECT_NE(json::parse(each).at("event"), "finding");
}

}  // namespace
}  // namespace evenkeel::test
