// SPDX-License-Identifier: Apache-2.0
// mnist-99: a network whose settings come with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> train(const std::string& out, std::vector<std::string> more) {
  more.insert(more.begin(), {"train", "mnist-99", "--data", "mnist", "--data-dir", "sets",
                             "--batch", "8", "--threads", "1", "--out", out, "--json"});
  return more;
}

json started(const Outcome& outcome) { return json::parse(lines_of(outcome.out).at(0)); }

TEST(Mnist99, HasSettingsOfItsOwn) {
  TinyRun run;
  const Outcome outcome = run.run(train("out", {}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json start = started(outcome);
  EXPECT_EQ(start.at("model"), "mnist-99");
  EXPECT_EQ(start.at("epochs"), 2);
  EXPECT_EQ(start.at("schedule"), "one-cycle");
  EXPECT_EQ(start.at("learning_rate"), 0.01);
}

// The accuracy on test images is told once, at the end.
TEST(Mnist99, LooksAtNoTestImageBeforeItsEnd) {
  TinyRun run;
  const Outcome outcome = run.run(train("out", {}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, Not(HasSubstr("\"event\":\"batch\"")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\"event\":\"validation\"")));
  const Outcome asked = run.run(train("asked", {"--log-every", "10", "--epochs", "1"}));
  EXPECT_THAT(asked.out, HasSubstr("\"event\":\"batch\""));
}

TEST(Mnist99, GivesWayToWhatIsAskedFor) {
  TinyRun run;
  const Outcome outcome =
      run.run(train("out", {"--epochs", "1", "--optimizer", "sgd", "--schedule", "constant"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json start = started(outcome);
  EXPECT_EQ(start.at("epochs"), 1);
  EXPECT_EQ(start.at("optimizer"), "sgd");
  EXPECT_EQ(start.at("learning_rate"), 0.01);  // sgd's
  EXPECT_EQ(start.at("schedule"), "constant");
}

TEST(Mnist99, AResumedRunKeepsThem) {
  TinyRun run;
  ASSERT_EQ(run.run(train("out", {"--lr", "0.02", "--epochs", "1"})).code, 0);
  const Outcome resumed = run.run(TinyRun::resume("out", {"--epochs", "2", "--json"}));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(started(resumed).at("learning_rate"), 0.02);
  EXPECT_EQ(started(resumed).at("schedule"), "one-cycle");
  EXPECT_THAT(resumed.out, Not(HasSubstr("\"event\":\"batch\"")));
}

}  // namespace
}  // namespace evenkeel::test
