// SPDX-License-Identifier: Apache-2.0
// A sweep's folder: whose it is, and what is there already.
#include "evenkeel/study/sweep/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "tests/study/sweep/sweeps.h"
#include "tests/support/idx_files.h"

namespace evenkeel::sweep {
namespace {

namespace fs = std::filesystem;
using test::kDoneLine;
using test::look_line;
using test::plan_of;
using test::sweep_of;
using test::write_run;
using ::testing::HasSubstr;

class SweepFolderTest : public ::testing::Test {
 protected:
  void expect_refused(const Sweep& sweep, const std::string& why) {
    try {
      SweepFolder::require_usable(path_, sweep);
      ADD_FAILURE() << "taken; expected " << why;
    } catch (const InvalidArgument& error) {
      EXPECT_THAT(error.what(), HasSubstr(why));
    }
  }
  // Opened, looked at, and let go of.
  std::vector<RunState> states(const Sweep& sweep) {
    return SweepFolder::open(path_, sweep).states(sweep);
  }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_ / "sweep";
  Sweep sweep_ = sweep_of(plan_of({"train.lr=0.1,0.2"}));
};

TEST_F(SweepFolderTest, IsNewOrEmptyOrOfTheSamePlan) {
  SweepFolder::open(path_, sweep_);
  EXPECT_TRUE(fs::exists(path_ / "sweep.json"));
  EXPECT_NO_THROW(SweepFolder::open(path_, sweep_));
}

TEST_F(SweepFolderTest, OfAnotherPlanIsRefusedWithTheDifference) {
  SweepFolder::open(path_, sweep_);
  expect_refused(sweep_of(plan_of({"train.lr=0.1,0.3"})), "parameters there");
  expect_refused(sweep_of(plan_of({"train.lr=0.1,0.2"}, 3)),
                 "the recipe there has 'epochs = 1', here 'epochs = 3'");
  Plan plan = plan_of({"train.lr=0.1,0.2"});
  plan.seeds = 3;
  expect_refused(sweep_of(plan), "seeds there 1, here 3");
}

TEST_F(SweepFolderTest, WithOtherFilesIsRefused) {
  fs::create_directories(path_);
  std::ofstream(path_ / "notes.txt") << "mine";
  expect_refused(sweep_, "has other files");
  fs::remove_all(path_);
  std::ofstream(path_) << "a file";
  expect_refused(sweep_, "is a file");
}

TEST_F(SweepFolderTest, WithADamagedPlanSaysSo) {
  SweepFolder::open(path_, sweep_);
  for (const char* text : {"{\"plan\":", "[]", "{}"}) {
    std::ofstream(path_ / "sweep.json") << text;
    EXPECT_THROW(SweepFolder::require_usable(path_, sweep_), DataError) << text;
  }
}

TEST_F(SweepFolderTest, ARunOfOtherSettingsIsRefused) {
  SweepFolder::open(path_, sweep_);
  Recipe other = sweep_.trials[0].recipe;
  write_run(path_ / sweep_.trials[0].name, other, "");
  EXPECT_NO_THROW(SweepFolder::require_usable(path_, sweep_));
  other.learning_rate = 0.5;
  write_run(path_ / sweep_.trials[0].name, other, "");
  expect_refused(sweep_, "the recipe there has 'lr = 0.5', here 'lr = 0.1'");
}

TEST_F(SweepFolderTest, ARunMayReportOtherwise) {
  SweepFolder::open(path_, sweep_);
  Recipe other = sweep_.trials[0].recipe;
  other.data = "mnist";  // which nobody asked for by name
  other.log_every = 7;
  write_run(path_ / sweep_.trials[0].name, other, "");
  EXPECT_NO_THROW(SweepFolder::require_usable(path_, sweep_));
}

TEST_F(SweepFolderTest, AFolderThatIsNoRunIsRefused) {
  SweepFolder::open(path_, sweep_);
  fs::create_directories(path_ / sweep_.trials[1].name);
  EXPECT_NO_THROW(SweepFolder::require_usable(path_, sweep_));  // empty
  std::ofstream(path_ / sweep_.trials[1].name / "notes.txt") << "mine";
  expect_refused(sweep_, "no recipe.toml");
}

// The disk was full, or it was killed.
TEST_F(SweepFolderTest, ARunThatEndedBeforeItCouldTrainIsBegunAnew) {
  SweepFolder::open(path_, sweep_);
  const fs::path run = path_ / sweep_.trials[1].name;
  fs::create_directories(run);
  for (const char* name : {"lock", ".run.json.tmp-41", "run.json", ".recipe.toml.tmp-41"}) {
    std::ofstream(run / name) << "{}";
    EXPECT_NO_THROW(SweepFolder::require_usable(path_, sweep_)) << name;
    EXPECT_EQ(states(sweep_)[1].result.status, Status::waiting) << name;
  }
  fs::remove_all(run);
  std::ofstream(run) << "a file";
  expect_refused(sweep_, "no recipe.toml");
}

TEST_F(SweepFolderTest, IsHeldByOne) {
  const SweepFolder first = SweepFolder::open(path_, sweep_);
  EXPECT_THROW(SweepFolder::open(path_, sweep_), RuntimeFailure);
}

TEST_F(SweepFolderTest, KnowsWhatIsDone) {
  SweepFolder::open(path_, sweep_);
  write_run(path_ / sweep_.trials[0].name, sweep_.trials[0].recipe,
            look_line(1, 0.9, 0.3) + kDoneLine);
  write_run(path_ / sweep_.trials[1].name, sweep_.trials[1].recipe, look_line(1, 0.9, 0.3));
  const auto found = states(sweep_);
  EXPECT_EQ(found[0].result.status, Status::done);
  EXPECT_EQ(found[1].result.status, Status::unfinished);
}

TEST_F(SweepFolderTest, RemembersDivergence) {
  {
    const SweepFolder folder = SweepFolder::open(path_, sweep_);
    write_run(folder.run_path(sweep_.trials[0]), sweep_.trials[0].recipe, "");
    test::diverge(sweep_, 0);
    folder.write(sweep_);
  }
  EXPECT_EQ(states(sweep_)[0].result.status, Status::diverged);
  EXPECT_THAT(states(sweep_)[0].result.error, HasSubstr("not finite"));
  // Without its folder it has never been.
  fs::remove_all(path_ / sweep_.trials[0].name);
  EXPECT_EQ(states(sweep_)[0].result.status, Status::waiting);
}

TEST_F(SweepFolderTest, WithAshaARunIsAtTheRungThatItHasDone) {
  Plan plan = plan_of({"train.lr=0.1,0.2"}, 9);
  plan.strategy = Strategy::asha;
  const Sweep sweep = sweep_of(plan);
  SweepFolder::open(path_, sweep);
  const fs::path run = path_ / sweep.trials[0].name;
  const Recipe& recipe = sweep.trials[0].recipe;
  std::string metrics;
  for (int epoch = 1; epoch <= 9; ++epoch) {
    metrics += look_line(epoch, 0.9, 0.3);
    write_run(run, recipe, metrics);
    const auto found = states(sweep);
    EXPECT_EQ(found[0].rungs, epoch < 3 ? 1U : 2U) << epoch;  // the third is the run's own end
    EXPECT_EQ(found[0].result.status, Status::unfinished) << epoch;
  }
  write_run(run, recipe, metrics + kDoneLine);
  EXPECT_EQ(states(sweep)[0].result.status, Status::done);
  EXPECT_EQ(states(sweep)[0].rungs, 3U);
}

TEST_F(SweepFolderTest, WithAshaARunThatStoppedEarlyIsDone) {
  Plan plan = plan_of({"train.lr=0.1,0.2"}, 9);
  plan.strategy = Strategy::asha;
  const Sweep sweep = sweep_of(plan);
  SweepFolder::open(path_, sweep);
  write_run(path_ / sweep.trials[0].name, sweep.trials[0].recipe,
            look_line(1, 0.9, 0.3) + look_line(2, 0.8, 0.4) + kDoneLine);
  EXPECT_EQ(states(sweep)[0].result.status, Status::done);
}

// Its schedule would be another.
TEST_F(SweepFolderTest, WithAshaARunOfFewerEpochsIsRefused) {
  Plan plan = plan_of({"train.lr=0.1,0.2"}, 9);
  plan.strategy = Strategy::asha;
  const Sweep sweep = sweep_of(plan);
  SweepFolder::open(path_, sweep);
  Recipe recipe = sweep.trials[0].recipe;
  recipe.epochs = 3;
  write_run(path_ / sweep.trials[0].name, recipe, "");
  expect_refused(sweep, "the recipe there has 'epochs = 3', here 'epochs = 9'");
}

}  // namespace
}  // namespace evenkeel::sweep
