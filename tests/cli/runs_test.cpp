// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/base/os_lock.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class RunsCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_.run(TinyRun::train("runs/001-tiny", 1)).code, 0);
    ASSERT_EQ(run_.run(TinyRun::train("runs/002-tiny", 2, {"--lr", "0.01"})).code, 0);
  }
  Outcome runs(std::vector<std::string> words = {}) {
    words.insert(words.begin(), "runs");
    return run_.run(words);
  }
  std::vector<std::string> names(std::vector<std::string> words = {}) {
    words.emplace_back("--json");
    std::vector<std::string> names;
    for (const std::string& line : lines_of(runs(words).out))
      names.push_back(nlohmann::json::parse(line).at("name"));
    return names;
  }
  TinyRun run_;
};

TEST_F(RunsCommand, ListsARunALine) {
  // Both may have begun within one second: then the number decides.
  const Outcome outcome = runs();
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], StartsWith("name      state  model  data   epochs  steps  validation"));
  EXPECT_THAT(lines[1],
              ContainsRegex("^002-tiny  done   tiny   mnist     2/2     30      [01]\\."));
  EXPECT_THAT(lines[2],
              ContainsRegex("^001-tiny  done   tiny   mnist     1/1     15      [01]\\."));
  EXPECT_THAT(lines[1], ContainsRegex("  0.01      8  adam       20..-..-.. ..:..$"));
}

TEST_F(RunsCommand, JsonHasNumbers) {
  const auto run = nlohmann::json::parse(lines_of(runs({"--json"}).out).at(0));
  EXPECT_EQ(run.at("event"), "run");
  EXPECT_EQ(run.at("name"), "002-tiny");
  EXPECT_EQ(run.at("folder"), "runs/002-tiny");
  EXPECT_EQ(run.at("state"), "done");
  EXPECT_EQ(run.at("learning_rate"), 0.01);
  EXPECT_EQ(run.at("epoch"), 2);
  EXPECT_EQ(run.at("epochs"), 2);
  EXPECT_EQ(run.at("step"), 30);
  EXPECT_TRUE(run.at("validation_accuracy").is_number());
  EXPECT_TRUE(run.at("test_accuracy").is_number());
}

TEST_F(RunsCommand, FiltersAndSorts) {
  EXPECT_THAT(names({"--filter", "lr<0.01"}), ElementsAre("001-tiny"));
  EXPECT_THAT(names({"--filter", "epochs>=1", "--filter", "state=done", "--sort", "lr"}),
              ElementsAre("002-tiny", "001-tiny"));
  EXPECT_THAT(names({"--sort", "name"}), ElementsAre("001-tiny", "002-tiny"));
  const Outcome none = runs({"--filter", "lr>1"});
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.err, HasSubstr("--filter"));
}

TEST_F(RunsCommand, DamagedEmptyAndRunningFoldersAreListedAsSuch) {
  fs::create_directory(run_.path("runs/003-empty"));
  write_bytes(run_.path("runs/004-torn/run.json"), bytes_of("{"));
  const os::FileLock lock(run_.path("runs/001-tiny/lock"));
  const Outcome outcome = runs();
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(
      outcome.out,
      AllOf(ContainsRegex("\n003-empty  empty "), ContainsRegex("\n004-torn   damaged "),
            ContainsRegex("\n001-tiny   running "), ContainsRegex("\n004-torn: .*run.json")));
}

TEST_F(RunsCommand, ComparesSettingsAndResults) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"compare", "runs/001-tiny", "runs/002-tiny"}, {"compare", "001-tiny", "2"}}) {
    const Outcome outcome = runs(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                AllOf(ContainsRegex("001-tiny +002-tiny\n"), ContainsRegex("lr +0.001 +0.01\n"),
                      ContainsRegex("epochs +1 +2\n"), ContainsRegex("steps +15 +30\n"),
                      ContainsRegex("test accuracy +[01]\\.[0-9]+ +[01]\\.[0-9]+\n"),
                      Not(HasSubstr("optimizer"))));
  }
  const auto json = nlohmann::json::parse(runs({"compare", "001-tiny", "002-tiny", "--json"}).out);
  EXPECT_THAT(json.at("runs"), ElementsAre("runs/001-tiny", "runs/002-tiny"));
  EXPECT_THAT(json.at("results").at("step"), ElementsAre(15, 30));
}

TEST_F(RunsCommand, SaysWhatItDoesNotUnderstand) {
  const std::vector<std::vector<std::string>> wrong = {
      {"nowhere"},           {"--filter", "lr"},           {"--filter", "leraning_rate=1"},
      {"--sort", "nothing"}, {"compare", "001-tiny"},      {"compare"},
      {"--flter", "lr=1"},   {"compare", "001-tiny", "77"}};
  for (const auto& words : wrong) {
    const Outcome outcome = runs(words);
    EXPECT_EQ(outcome.code, 2) << words.back();
    EXPECT_THAT(outcome.err, StartsWith("evenkeel: ")) << words.back();
  }
}

TEST(Runs, SaysWhereThereAreNone) {
  CommandLine line;
  const Outcome outcome = line.run({"runs"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("No runs in runs yet; 'evenkeel train' makes one"));
}

}  // namespace
}  // namespace evenkeel::test
