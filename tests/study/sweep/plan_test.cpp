// SPDX-License-Identifier: Apache-2.0
// From a plan to the recipes of its runs.
#include "evenkeel/study/sweep/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "evenkeel/base/error.h"
#include "tests/study/sweep/sweeps.h"

namespace evenkeel::sweep {
namespace {

using test::plan_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

void expect_refused(const Plan& plan, const std::string& where, const std::string& why) {
  try {
    trials_of(plan);
    rungs_of(plan);
    ADD_FAILURE() << where << " is taken";
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.where(), HasSubstr(where));
    EXPECT_THAT(error.what(), HasSubstr(why));
  }
}

TEST(SweepPlan, EveryRunIsARecipe) {
  const auto trials = trials_of(plan_of({"train.lr=0.001,0.01", "model.batch_norm=true,false"}));
  ASSERT_EQ(trials.size(), 4U);
  EXPECT_EQ(trials[0].name, "001-lr-0.001-batch_norm-true");
  EXPECT_EQ(trials[3].name, "004-lr-0.01-batch_norm-false");
  EXPECT_EQ(trials[3].recipe.learning_rate, 0.01);
  EXPECT_FALSE(trials[3].recipe.batch_norm);
  EXPECT_EQ(trials[3].recipe.model, "mlp");
  EXPECT_EQ(trials[3].recipe.keep, 1);  // and its best
}

TEST(SweepPlan, AnOptimiserBringsItsOwnRate) {
  const auto trials = trials_of(plan_of({"optimizer.name=adam,sgd"}));
  EXPECT_EQ(trials[0].recipe.learning_rate, 0.001);
  EXPECT_EQ(trials[1].recipe.learning_rate, 0.01);
}

TEST(SweepPlan, SeedsComeAfterEachOther) {
  Plan plan = plan_of({"train.lr=0.1,0.2"});
  plan.seeds = 2;
  const auto trials = trials_of(plan);
  ASSERT_EQ(trials.size(), 4U);
  EXPECT_EQ(trials[0].name, "001-lr-0.1-seed-1");
  EXPECT_EQ(trials[2].name, "003-lr-0.1-seed-2");
  EXPECT_EQ(trials[2].recipe.seed, 2U);
  EXPECT_EQ(trials[2].combination, trials[0].combination);
}

TEST(SweepPlan, NamesAreGoodForFolders) {
  const auto trials = trials_of(plan_of({"data.name=a/b,../c d", "train.freeze=conv*,dense?"}));
  std::set<std::string> names;
  for (const Trial& trial : trials) {
    EXPECT_EQ(trial.name.find_first_of("/ *?"), std::string::npos) << trial.name;
    names.insert(trial.name);
  }
  EXPECT_EQ(names.size(), 4U);
}

TEST(SweepPlan, KeysWithTheSameLastPartAreToldApart) {
  EXPECT_THAT(short_names(parse_parameters({"model.name=mlp", "optimizer.name=sgd", "train.lr=1"})),
              ElementsAre("model-name", "optimizer-name", "lr"));
}

TEST(SweepPlan, RungsAreThirdsOfTheEpochs) {
  const auto rungs = [](std::int64_t epochs, std::int64_t first) {
    Plan plan = plan_of({"train.lr=0.1,0.2"}, epochs);
    plan.strategy = Strategy::asha;
    plan.first_rung = first;
    return rungs_of(plan);
  };
  EXPECT_THAT(rungs(10, 1), ElementsAre(1, 3, 10));
  EXPECT_THAT(rungs(9, 1), ElementsAre(1, 3, 9));
  EXPECT_THAT(rungs(9, 2), ElementsAre(3, 9));
  EXPECT_THAT(rungs(1, 1), ElementsAre(1));
}

TEST(SweepPlan, RefusesWhatNoRecipeHas) {
  expect_refused(plan_of({"train.lrr=0.1"}), "--grid train.lrr", "did you mean 'train.lr'");
  expect_refused(plan_of({"train.lr=fast,slow"}), "--grid train.lr", "a finite number");
  expect_refused(plan_of({"train.batch=0.5,1"}), "--grid train.batch", "a whole number");
  expect_refused(plan_of({"optimizer.name=sdg"}), "optimizer.name", "did you mean 'sgd'");
}

TEST(SweepPlan, LooksAfterEachEpochWhereTheRecipeNeverLooks) {
  Plan plan = plan_of({"train.lr=0.1,0.2"}, 3);
  plan.settings.push_back({"run.eval_every", std::int64_t{0}, "test"});
  EXPECT_EQ(trials_of(plan).front().recipe.eval_every, 1);
}

TEST(SweepPlan, RefusesWhatMakesNoSense) {
  expect_refused(plan_of({}), "--grid", "what is to be varied");
  Plan plan = plan_of({"train.seed=1,2"});
  plan.seeds = 2;
  expect_refused(plan, "--seeds", "train.seed");
  plan = plan_of({"train.lr=0.1,0.2"}, 3);
  plan.settings.push_back({"run.eval_every", std::int64_t{4}, "test"});
  expect_refused(plan, "run.eval_every", "within the 3 epochs");
  plan = plan_of({"train.lr=0.1,0.2"}, 3);
  plan.strategy = Strategy::asha;
  plan.seeds = 2;
  expect_refused(plan, "--seeds", "--asha");
  plan.seeds = 1;
  plan.first_rung = 4;
  expect_refused(plan, "--rung", "at most the 3 epochs");
  plan = plan_of({"train.epochs=1,2"}, 3);
  plan.strategy = Strategy::asha;
  expect_refused(plan, "train.epochs", "--asha");
}

TEST(SweepPlan, ItsTextTellsPlansApartAndNothingElse) {
  const Plan plan = plan_of({"train.lr=0.1,0.2"});
  Plan other = plan;
  other.command = "another";
  EXPECT_EQ(to_json(plan), to_json(other));
  other.seeds = 2;
  EXPECT_NE(to_json(plan), to_json(other));
  EXPECT_NE(to_json(plan), to_json(plan_of({"train.lr=0.1,0.3"})));
  EXPECT_NE(to_json(plan), to_json(plan_of({"train.lr=0.1,0.2"}, 2)));
  EXPECT_THAT(to_json(plan), Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace evenkeel::sweep
