// SPDX-License-Identifier: Apache-2.0
// Runs side by side, each a few lines of shell that leave what `train` would.
#include "evenkeel/study/sweep/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include <map>

#include "evenkeel/study/sweep/analysis.h"
#include "tests/study/sweep/sweeps.h"
#include "tests/support/idx_files.h"

namespace evenkeel::sweep {
namespace {

namespace fs = std::filesystem;
using test::look_line;
using test::plan_of;
using test::sweep_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SweepRuns : public ::testing::Test {
 protected:
  SweepRuns() { ::setenv("EVENKEEL_COMMAND", "/bin/sh", 1); }
  ~SweepRuns() override { ::unsetenv("EVENKEEL_COMMAND"); }
  SweepRuns(const SweepRuns&) = delete;
  SweepRuns& operator=(const SweepRuns&) = delete;

  // As a command does it: opens the folder, finds what is there, makes the rest.
  bool make(Sweep& sweep) {
    const SweepFolder folder = SweepFolder::open(path_, sweep);
    sweep.states = folder.states(sweep);
    epochs_ = sweep.trials.front().recipe.epochs;
    RunOptions options;
    options.jobs = 2;
    options.words = [this](const RunTask& task) {
      tasks_.push_back(task.run.filename().string() + (task.recipe.empty() ? " again" : "") +
                       " to " + std::to_string(task.until));
      return std::vector<std::string>{"-c", script_of(task)};
    };
    options.stop = [this] { return stop_; };
    options.on_ended = [this](std::size_t) { ++ended_; };
    return make_runs(folder, sweep, options);
  }

  // Accuracy is the number of epochs and 0.01 for each place in the plan.
  std::string script_of(const RunTask& task) {
    const std::string run = task.run.string();
    const std::string name = task.run.filename().string();
    std::string script = "mkdir -p " + run + "; ";
    if (!task.recipe.empty()) script += "cp " + task.recipe.string() + " " + run + "/recipe.toml; ";
    for (const auto& [begin, ending] : endings_)
      if (name.starts_with(begin)) return script + ending;
    const double accuracy =
        0.1 + 0.01 * std::stod(name.substr(0, 3)) + 0.001 * static_cast<double>(task.until);
    std::string metrics;
    for (std::int64_t epoch = 1; epoch <= task.until; ++epoch)
      metrics += look_line(epoch, accuracy, 1 - accuracy);
    if (task.until == epochs_) metrics += test::kDoneLine;  // else it has paused
    return script + "cat > " + run + "/metrics.jsonl <<'END'\n" + metrics + "END\n";
  }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_ / "sweep";
  std::map<std::string, std::string> endings_;  // of runs by the beginning of their names
  std::vector<std::string> tasks_;
  std::int64_t epochs_ = 1;  // of each run
  bool stop_ = false;
  int ended_ = 0;
};

TEST_F(SweepRuns, AreAllMade) {
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2,0.3"}));
  EXPECT_TRUE(make(sweep));
  EXPECT_EQ(totals_of(sweep).done, 3);
  EXPECT_EQ(ended_, 3);
  EXPECT_EQ(ranking(sweep).front().values[0], "0.3");
  EXPECT_THAT(tasks_, ElementsAre("001-lr-0.1 to 1", "002-lr-0.2 to 1", "003-lr-0.3 to 1"));
  EXPECT_TRUE(fs::is_empty(path_ / "errors"));
}

TEST_F(SweepRuns, AreMadeOnce) {
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2"}));
  EXPECT_TRUE(make(sweep));
  fs::remove_all(path_ / "002-lr-0.2");
  tasks_.clear();
  EXPECT_TRUE(make(sweep));
  EXPECT_THAT(tasks_, ElementsAre("002-lr-0.2 to 1"));
}

TEST_F(SweepRuns, AnUnfinishedOneGoesOn) {
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2"}, 4));
  SweepFolder::open(path_, sweep);
  test::write_run(path_ / "001-lr-0.1", sweep.trials[0].recipe, look_line(1, 0.5, 0.5));
  EXPECT_TRUE(make(sweep));
  EXPECT_THAT(tasks_, ElementsAre("001-lr-0.1 again to 4", "002-lr-0.2 to 4"));
}

TEST_F(SweepRuns, DivergenceIsAResultAndStays) {
  endings_["001"] = "echo 'evenkeel: [conv1] a value that is not finite' >&2; exit 1";
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2"}));
  EXPECT_TRUE(make(sweep));
  EXPECT_EQ(sweep.states[0].result.status, Status::diverged);
  EXPECT_EQ(sweep.states[0].result.error, "[conv1] a value that is not finite");
  EXPECT_EQ(sweep.states[1].result.status, Status::done);
  tasks_.clear();
  EXPECT_TRUE(make(sweep));
  EXPECT_THAT(tasks_, ElementsAre());
  EXPECT_EQ(sweep.states[0].result.status, Status::diverged);
}

TEST_F(SweepRuns, AnotherFailureIsTriedAgainByTheNextCall) {
  endings_["001"] = "echo 'evenkeel: [disk] is full' >&2; exit 1";
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2"}));
  EXPECT_TRUE(make(sweep));
  EXPECT_EQ(sweep.states[0].result.status, Status::failed);
  EXPECT_EQ(sweep.states[0].result.error, "[disk] is full");
  EXPECT_TRUE(fs::exists(path_ / "errors" / "001-lr-0.1.txt"));
  endings_.clear();
  EXPECT_TRUE(make(sweep));
  EXPECT_EQ(totals_of(sweep).done, 2);
  EXPECT_EQ(tasks_.back(), "001-lr-0.1 again to 1");
}

TEST_F(SweepRuns, OneThatWasKilledIsNamed) {
  endings_["001"] = "kill -9 $$";
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1"}));
  EXPECT_TRUE(make(sweep));
  EXPECT_EQ(sweep.states[0].result.status, Status::failed);
  EXPECT_THAT(sweep.states[0].result.error, HasSubstr("exit code 137"));
}

TEST_F(SweepRuns, AshaGivesUpEarly) {
  Plan plan = plan_of({"train.lr=1,2,3,4,5,6"}, 3);
  plan.strategy = Strategy::asha;
  Sweep sweep = sweep_of(plan);
  EXPECT_TRUE(make(sweep));
  const Totals totals = totals_of(sweep);
  EXPECT_GE(totals.done, 2);
  EXPECT_LE(totals.done, 4);  // each is the best so far, and may go on before the next is known
  EXPECT_EQ(totals.done + totals.unfinished, 6);
  EXPECT_EQ(sweep.states[5].result.status, Status::done);
  EXPECT_EQ(sweep.states[5].rungs, 2U);
  EXPECT_THAT(tasks_, ::testing::Contains("006-lr-6 again to 3"));
  // Nothing is left to be done.
  tasks_.clear();
  EXPECT_TRUE(make(sweep));
  EXPECT_THAT(tasks_, ElementsAre());
}

TEST_F(SweepRuns, AshaBeginsEachRunWithItsWholeRecipe) {
  Plan plan = plan_of({"train.lr=1,2,3"}, 9);
  plan.strategy = Strategy::asha;
  Sweep sweep = sweep_of(plan);
  EXPECT_TRUE(make(sweep));
  EXPECT_THAT(tasks_, ::testing::Contains("001-lr-1 to 1"));
  for (const Trial& trial : sweep.trials) {
    const fs::path begun = path_ / "recipes" / (trial.name + ".toml");
    EXPECT_EQ(make_recipe(read_settings(begun)).epochs, 9) << trial.name;
  }
}

TEST_F(SweepRuns, AshaGoesOnWithoutThoseThatDiverge) {
  endings_["003"] = endings_["002"] = "echo 'evenkeel: [a] is not finite' >&2; exit 1";
  Plan plan = plan_of({"train.lr=1,2,3"}, 3);
  plan.strategy = Strategy::asha;
  Sweep sweep = sweep_of(plan);
  EXPECT_TRUE(make(sweep));
  EXPECT_EQ(sweep.states[0].result.status, Status::done);
  EXPECT_EQ(totals_of(sweep).diverged, 2);
}

TEST_F(SweepRuns, StopLeavesTheRestForTheNextCall) {
  stop_ = true;
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2"}));
  EXPECT_FALSE(make(sweep));
  EXPECT_EQ(totals_of(sweep).waiting, 2);
  stop_ = false;
  EXPECT_TRUE(make(sweep));
  EXPECT_EQ(totals_of(sweep).done, 2);
}

}  // namespace
}  // namespace evenkeel::sweep
