// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/run_list.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os_lock.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void write(const fs::path& path, const std::string& text) {
  test::write_bytes(path, test::bytes_of(text));
}

// A run that its files tell of; started on the day of the month.
void make_run(const fs::path& folder, int day, const std::string& learning_rate, double accuracy,
              bool done) {
  write(folder / "run.json", R"({"model":"mnist-cnn","data":"mnist","batch":"128","epochs":"10",)"
                             R"("optimizer":"adam","learning_rate":")" +
                                 learning_rate + "\"}");
  write(folder / "environment.json",
        fmt::format(R"({{"sessions":[{{"started":"2026-02-{:02}T09:07:05Z"}}]}})", day));
  std::string rows = metrics_line({.event = "batch", .step = 1, .epoch = 1});
  MetricsRow look{.event = "evaluation", .split = "validation", .step = 429, .epoch = 1};
  look.accuracy = accuracy;
  rows += metrics_line(look);
  if (done) rows += metrics_line({.event = "done", .step = 429});
  write(folder / "metrics.jsonl", rows);
}

std::vector<std::string> names_of(const std::vector<ListedRun>& runs) {
  std::vector<std::string> names;
  for (const ListedRun& run : runs) names.push_back(run.name);
  return names;
}

class RunListTest : public ::testing::Test {
 protected:
  RunListTest() {
    make_run(folder_ / "001-a", 1, "0.001", 0.97, true);
    make_run(folder_ / "002-b", 2, "0.01", 0.99, true);
    make_run(folder_ / "003-c", 3, "0.1", 0.1, false);
  }
  std::vector<std::string> chosen(const std::vector<std::string>& conditions) const {
    return names_of(filtered(list_runs(folder_.path()).runs, conditions));
  }
  test::TemporaryFolder folder_;
};

TEST_F(RunListTest, ListsTheNewestFirst) {
  const RunList list = list_runs(folder_.path());
  EXPECT_THAT(names_of(list.runs), ElementsAre("003-c", "002-b", "001-a"));
  const ListedRun& run = list.runs[1];
  EXPECT_EQ(run.state, "done");
  EXPECT_EQ(list.runs[0].state, "interrupted");
  const std::map<std::string, std::string> expected = {
      {"name", "002-b"}, {"state", "done"}, {"model", "mnist-cnn"}, {"data", "mnist"},
      {"epoch", "1"},    {"epochs", "10"},  {"step", "429"},        {"validation", "0.99"},
      {"lr", "0.01"},    {"batch", "128"},  {"optimizer", "adam"},  {"started", run.started},
      {"test", ""}};
  for (const std::string& key : run_keys()) EXPECT_EQ(value_of(run, key), expected.at(key)) << key;
}

TEST_F(RunListTest, ReadsTheRecipeWhereThereIsOne) {
  write(folder_ / "002-b/recipe.toml",
        "[model]\nname = \"mnist-99\"\n[train]\nlr = 0.5\nbatch = 64\n");
  const ListedRun run = list_run(folder_ / "002-b");
  EXPECT_EQ(value_of(run, "model"), "mnist-99");
  EXPECT_EQ(value_of(run, "lr"), "0.5");
  EXPECT_EQ(value_of(run, "train.batch"), "64");
}

TEST_F(RunListTest, KnowsRunningEmptyAndDamagedFolders) {
  const os::FileLock lock(folder_ / "003-c/lock");
  fs::create_directory(folder_ / "004-empty");
  write(folder_ / "005-torn/run.json", "{");
  write(folder_ / "006-none/metrics.jsonl", "no rows\n");
  fs::create_directory(folder_ / "007-odd");
  fs::create_directory(folder_ / "007-odd/metrics.jsonl");
  write(folder_ / "007-odd/run.json", R"({"model":"x"})");
  fs::create_directory(folder_ / "notes");
  write(folder_ / "a file", "x");
  std::map<std::string, std::string> states;
  for (const ListedRun& run : list_runs(folder_.path()).runs) {
    states[run.name] = run.state;
    EXPECT_EQ(run.fault.empty(), run.state != "damaged") << run.name;
  }
  EXPECT_EQ(states["003-c"], "running");
  EXPECT_EQ(states["004-empty"], "empty");
  EXPECT_EQ(states["005-torn"], "damaged");
  EXPECT_EQ(states["006-none"], "damaged");
  EXPECT_EQ(states.count("007-odd"), 1U);
  EXPECT_EQ(states.size(), 7U);
  EXPECT_FALSE(fs::exists(folder_ / "001-a/lock"));  // to look changes nothing
}

TEST_F(RunListTest, OneRunIsAListOfItself) {
  EXPECT_THAT(names_of(list_runs(folder_ / "002-b").runs), ElementsAre("002-b"));
  EXPECT_THAT(names_of(list_runs(folder_ / "002-b/").runs), ElementsAre("002-b"));
  EXPECT_THAT(list_runs(folder_ / "nowhere").runs, IsEmpty());
}

TEST_F(RunListTest, TellsOfFoldersWithRunsInThem) {
  make_run(folder_ / "004-sweep/a", 4, "1", 0, true);
  const RunList list = list_runs(folder_.path());
  EXPECT_EQ(list.runs.size(), 3U);
  EXPECT_THAT(list.others, ElementsAre(folder_ / "004-sweep"));
}

TEST_F(RunListTest, FiltersByTextsAndNumbers) {
  EXPECT_THAT(chosen({"state=done"}), ElementsAre("002-b", "001-a"));
  EXPECT_THAT(chosen({"state!=done"}), ElementsAre("003-c"));
  EXPECT_THAT(chosen({"model=mnist*"}), ElementsAre("003-c", "002-b", "001-a"));
  EXPECT_THAT(chosen({"model=mnist"}), IsEmpty());
  EXPECT_THAT(chosen({"lr=1e-2"}), ElementsAre("002-b"));
  EXPECT_THAT(chosen({"lr<0.1"}), ElementsAre("002-b", "001-a"));
  EXPECT_THAT(chosen({"lr<=0.1", "validation>0.5"}), ElementsAre("002-b", "001-a"));
  EXPECT_THAT(chosen({"lr>=0.1"}), ElementsAre("003-c"));
  EXPECT_THAT(chosen({"learning_rate=0.1"}), ElementsAre("003-c"));
  EXPECT_THAT(chosen({"started>2026-02-02"}), ElementsAre("003-c", "002-b"));
  EXPECT_THAT(chosen({"test>0"}), IsEmpty());
}

TEST_F(RunListTest, RefusesConditionsThatAreNone) {
  for (const char* text : {"lr", "=1", "lr!1", ""}) {
    EXPECT_THROW(chosen({text}), InvalidArgument) << text;
  }
  try {
    chosen({"validatoin>1"});
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("--filter"), HasSubstr("'validation'?")));
  }
}

TEST_F(RunListTest, SortsNumbersByTheLargestAndTextsByTheAlphabet) {
  std::vector<ListedRun> runs = list_runs(folder_.path()).runs;
  sort_by(runs, "validation");
  EXPECT_THAT(names_of(runs), ElementsAre("002-b", "001-a", "003-c"));
  sort_by(runs, "name");
  EXPECT_THAT(names_of(runs), ElementsAre("001-a", "002-b", "003-c"));
  sort_by(runs, "test");
  EXPECT_THAT(names_of(runs), ElementsAre("001-a", "002-b", "003-c"));
  EXPECT_THROW(sort_by(runs, "nothing"), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
