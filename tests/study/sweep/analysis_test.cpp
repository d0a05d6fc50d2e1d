// SPDX-License-Identifier: Apache-2.0
// Rankings and numbers of sweeps made up here.
#include "evenkeel/study/sweep/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/study/sweep/sweeps.h"

namespace evenkeel::sweep {
namespace {

using Json = nlohmann::json;
using test::diverge;
using test::plan_of;
using test::settle;
using test::sweep_of;
using ::testing::ElementsAre;

std::vector<std::string> rates_of(const Sweep& sweep) {
  std::vector<std::string> rates;
  for (const Combination& each : ranking(sweep)) rates.push_back(each.values[0]);
  return rates;
}

TEST(SweepRanking, HasTheBestFirstAndThenWhatDiverged) {
  Sweep sweep = sweep_of(plan_of({"train.lr=1,2,3,4,5"}));
  settle(sweep, 0, 0.8, 0.1);
  diverge(sweep, 1);
  settle(sweep, 2, 0.9, 0.5);
  settle(sweep, 4, 0.9, 0.4);
  EXPECT_THAT(rates_of(sweep), ElementsAre("3", "5", "1", "2", "4"));
  sweep.plan.metric = Metric::loss;
  EXPECT_THAT(rates_of(sweep), ElementsAre("1", "5", "3", "2", "4"));
}

TEST(SweepRanking, HasMeanAndDeviationOverSeeds) {
  Plan plan = plan_of({"train.lr=1,2"});
  plan.seeds = 3;
  Sweep sweep = sweep_of(plan);
  for (const std::size_t trial : {0U, 2U, 4U}) settle(sweep, trial, 0.9 + 0.01 * trial);
  settle(sweep, 1, 0.99);
  settle(sweep, 3, 0.99);
  diverge(sweep, 5);
  const auto all = ranking(sweep);
  // One seed that diverged puts it behind, however good the others are.
  EXPECT_EQ(all[0].values[0], "1");
  EXPECT_NEAR(all[0].accuracy, 0.92, 1e-12);
  EXPECT_NEAR(all[0].accuracy_deviation, 0.02, 1e-12);
  EXPECT_EQ(all[0].scored, 3);
  EXPECT_EQ(all[1].diverged, 1);
  EXPECT_EQ(all[1].scored, 2);
  EXPECT_NEAR(all[1].seconds, 6, 1e-12);
}

TEST(SweepRanking, OneRunHasNoDeviation) {
  Sweep sweep = sweep_of(plan_of({"train.lr=1,2"}));
  settle(sweep, 0, 0.5);
  EXPECT_TRUE(std::isnan(ranking(sweep)[0].accuracy_deviation));
  EXPECT_TRUE(std::isnan(ranking(sweep)[1].accuracy));
}

TEST(SweepRanking, WithAshaImportanceIsThatOfTheFirstRung) {
  Plan plan = plan_of({"train.lr=1,2", "train.batch=8,16"}, 9);
  plan.strategy = Strategy::asha;
  Sweep sweep = sweep_of(plan);
  for (std::size_t i = 0; i < 4; ++i) {
    settle(sweep, i, i < 2 ? 0.5 : 0.7);
    sweep.states[i].result.status = Status::unfinished;
    sweep.states[i].rungs = 1;
  }
  // What the one that went on has come to does not make batches important.
  sweep.states[0].result.looks.push_back({90, 9, 0.1, 0.99});
  sweep.states[0].rungs = 3;
  const Importance importance = importance_of(sweep);
  EXPECT_EQ(importance.parameters.front().key, "train.lr");
  EXPECT_NEAR(importance.parameters.front().share, 1, 1e-12);
  EXPECT_EQ(rates_of(sweep).front(), "1");
}

TEST(SweepJson, HoldsPlanRunsRankingAndImportance) {
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2", "optimizer.name=adam,sgd"}));
  settle(sweep, 0, 0.9);
  settle(sweep, 1, 0.8);
  settle(sweep, 2, 0.7);
  diverge(sweep, 3);
  const Json json = Json::parse(to_json(sweep));
  EXPECT_EQ(json["plan"]["strategy"], "grid");
  ASSERT_EQ(json["runs"].size(), 4U);
  EXPECT_EQ(json["runs"][1]["values"]["train.lr"], 0.1);
  EXPECT_EQ(json["runs"][1]["values"]["optimizer.name"], "sgd");
  EXPECT_EQ(json["runs"][3]["status"], "diverged");
  EXPECT_FALSE(json["runs"][3].contains("accuracy"));
  EXPECT_EQ(json["ranking"][0]["accuracy"], 0.9);
  EXPECT_TRUE(json["ranking"][3]["accuracy"].is_null());
  EXPECT_EQ(json["importance"]["method"], "factorial");
  EXPECT_EQ(Json::parse(run_json(sweep, 1)), json["runs"][1]);
}

TEST(SweepJson, TakesAnyTextThatARunMaySay) {
  Sweep sweep = sweep_of(plan_of({"train.lr=0.1,0.2"}));
  diverge(sweep, 0);
  sweep.states[0].result.error = "\xff\xfe \"quoted\" </script>\n";
  EXPECT_TRUE(Json::accept(to_json(sweep)));
}

TEST(SweepTotals, CountEveryRunOnce) {
  Sweep sweep = sweep_of(plan_of({"train.lr=1,2,3"}));
  settle(sweep, 0, 0.9);
  diverge(sweep, 1);
  const Totals totals = totals_of(sweep);
  EXPECT_EQ(totals.done, 1);
  EXPECT_EQ(totals.diverged, 1);
  EXPECT_EQ(totals.waiting, 1);
  EXPECT_EQ(totals.failed + totals.unfinished, 0);
}

}  // namespace
}  // namespace evenkeel::sweep
