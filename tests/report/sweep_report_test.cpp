// SPDX-License-Identifier: Apache-2.0
// Table, sentences and page of a sweep, from results made up here.
#include "evenkeel/report/sweep_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/report/sweep_charts.h"
#include "evenkeel/report/sweep_levels.h"
#include "tests/report/page_check.h"
#include "tests/study/sweep/sweeps.h"

namespace evenkeel::sweep {
namespace {

using test::diverge;
using test::plan_of;
using test::settle;
using test::sweep_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Two rates, two batches, with and without batch norm; the largest rate without it diverges.
Sweep rates_by_batches() {
  Sweep sweep =
      sweep_of(plan_of({"train.lr=0.01,0.1", "train.batch=64,128", "model.batch_norm=true,false"}));
  for (std::size_t i = 0; i < sweep.trials.size(); ++i) settle(sweep, i, 0.9 + 0.01 * i, 0.5);
  diverge(sweep, 5);
  diverge(sweep, 7);
  return sweep;
}

TEST(SweepText, HasTheBestFirst) {
  Sweep sweep = sweep_of(plan_of({"train.lr=0.01,0.1,1"}));
  settle(sweep, 0, 0.9712, 0.1);
  settle(sweep, 1, 0.9856, 0.05);
  diverge(sweep, 2);
  const std::string text = sweep_text(sweep);
  EXPECT_THAT(text, HasSubstr("lr    accuracy  loss  epochs  time  run\n"
                              "0.1    98.56 %  0.05       1  0:03  002-lr-0.1\n"
                              "0.01   97.12 %   0.1       1  0:03  001-lr-0.01\n"
                              "1     diverged"));
  EXPECT_THAT(text, HasSubstr("3 runs, a grid of train.lr (3): 2 done, 1 diverged. Judged on "
                              "validation images alone."));
  EXPECT_THAT(text, HasSubstr("  evenkeel train mlp --set train.lr=0.1\n"));
}

TEST(SweepText, HasTheDeviationOverSeeds) {
  Plan plan = plan_of({"train.lr=0.01,0.1"});
  plan.seeds = 2;
  Sweep sweep = sweep_of(plan);
  settle(sweep, 0, 0.97);
  settle(sweep, 2, 0.98);
  settle(sweep, 1, 0.9);
  diverge(sweep, 3);
  const std::string text = sweep_text(sweep);
  EXPECT_THAT(text,
              AllOf(HasSubstr("97.50 %  0.71"), HasSubstr("and 1 more"),
                    HasSubstr("1 of 2 runs diverged"), HasSubstr("97.50 % ± 0.71 over 2 seeds")));
}

TEST(SweepText, SaysWhatMattered) {
  EXPECT_THAT(importance_sentence(rates_by_batches()),
              AllOf(HasSubstr("Of the variance of validation accuracy: "), HasSubstr("train.lr "),
                    HasSubstr("what they make only together"), HasSubstr("counts as the worst")));
  Sweep sweep = sweep_of(plan_of({"train.lr=0.01,0.1"}));
  EXPECT_THAT(importance_sentence(sweep), HasSubstr("cannot be said: fewer than two runs"));
  EXPECT_EQ(best_sentence(sweep), "");
  EXPECT_EQ(best_command(sweep), "");
}

TEST(SweepText, OfARunIsALine) {
  const Sweep sweep = rates_by_batches();
  EXPECT_EQ(run_line(sweep, 0),
            "001-lr-0.01-batch-64-batch_norm-true: 90.00 % after 1 epoch, 0:03");
  EXPECT_THAT(run_line(sweep, 5), HasSubstr(": diverged: [conv1] first gave"));
}

TEST(SweepPage, IsOneFileOfBalancedTags) {
  const std::string page = sweep_page(rates_by_batches());
  EXPECT_EQ(test::unbalanced(page), "");
  for (const char* outside : {"http", "src=", "href=", "url(", "@import", "<script", "<link"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
  EXPECT_TRUE(test::silent_charts(page).empty());
  EXPECT_THAT(page, AllOf(HasSubstr("train.lr × train.batch"), HasSubstr("with batch norm"),
                          HasSubstr("without batch norm"), HasSubstr("What mattered"),
                          HasSubstr("Curves of all runs"), HasSubstr("2 that diverged or failed")));
}

TEST(SweepPage, EscapesWhatItShows) {
  Plan plan = plan_of({"data.name=<b>a</b>,\"x&y\""});
  plan.name = "<i>net</i>";
  plan.command = "evenkeel train '<i>net</i>'";
  Sweep sweep = sweep_of(plan);
  settle(sweep, 0, 0.9);
  diverge(sweep, 1);
  sweep.states[1].result.error = "<u>bad</u> & worse";
  const std::string page = sweep_page(sweep);
  EXPECT_EQ(test::unbalanced(page), "");
  for (const char* raw : {"<b>a", "<i>net", "<u>bad", "x&y"})
    EXPECT_THAT(page, Not(HasSubstr(raw)));
}

TEST(SweepPage, OfNothingYetIsAPageAllTheSame) {
  EXPECT_EQ(test::unbalanced(sweep_page(sweep_of(plan_of({"train.lr=0.01,0.1"})))), "");
}

TEST(SweepMaps, ShowRateByBatchWithAndWithoutBatchNorm) {
  const auto maps = sweep_maps(rates_by_batches());
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[0].title, "with batch norm");
  EXPECT_EQ(maps[1].title, "without batch norm");
  EXPECT_EQ(maps[0].map.column_title, "train.lr");
  EXPECT_EQ(maps[0].map.row_title, "train.batch");
  EXPECT_THAT(maps[0].map.columns, ElementsAre("0.01", "0.1"));
  EXPECT_THAT(maps[0].map.rows, ElementsAre("64", "128"));
  ASSERT_EQ(maps[0].map.cells.size(), 4U);
  for (const HeatCell& cell : maps[0].map.cells)
    if (cell.row == 1 && cell.column == 1) {
      EXPECT_EQ(cell.shade, 1);  // the best of both
      EXPECT_EQ(cell.text, "96.00");
    }
  for (const HeatCell& cell : maps[1].map.cells)
    if (cell.column == 1) {
      EXPECT_EQ(cell.text, "div.");
    }
}

TEST(SweepMaps, ShowTheBestWhereSeveralFallOnASquare) {
  Sweep sweep =
      sweep_of(plan_of({"train.lr=0.1,0.2", "train.batch=8,16", "optimizer.name=sgd,adam"}));
  for (std::size_t i = 0; i < 8; ++i) settle(sweep, i, 0.5 + 0.01 * i);
  const auto maps = sweep_maps(sweep);
  ASSERT_EQ(maps.size(), 1U);
  ASSERT_EQ(maps[0].map.cells.size(), 4U);
  EXPECT_EQ(maps[0].map.cells.front().text, "57.00");
  EXPECT_THAT(maps[0].map.cells.front().about, HasSubstr("adam"));
}

TEST(SweepMaps, OneParameterIsARow) {
  Sweep sweep = sweep_of(plan_of({"train.batch=8,16"}));
  settle(sweep, 0, 0.5);
  settle(sweep, 1, 0.6);
  const auto maps = sweep_maps(sweep);
  ASSERT_EQ(maps.size(), 1U);
  EXPECT_EQ(maps[0].map.rows.size(), 1U);
  EXPECT_THAT(maps[0].map.columns, ElementsAre("8", "16"));
  EXPECT_TRUE(sweep_maps(sweep_of(plan_of({"train.batch=8,16"}))).empty());
}

TEST(SweepLevels, PutManyNumbersIntoBins) {
  Plan plan = plan_of({"train.lr=1e-4..1:log", "train.batch=16,8"});
  plan.strategy = Strategy::random;
  plan.draws = 30;
  const Sweep sweep = sweep_of(plan);
  const SweepLevels rates = levels_of(sweep, 0, 4);
  EXPECT_THAT(rates.names, ElementsAre("0.0001 – 0.001", "0.001 – 0.01", "0.01 – 0.1", "0.1 – 1"));
  for (const auto& [value, level] : rates.level)
    EXPECT_EQ(level, static_cast<std::size_t>(
                         std::clamp(std::floor(std::log10(*number_of(value)) + 4), 0.0, 3.0)));
  EXPECT_THAT(levels_of(sweep, 1, 4).names, ElementsAre("8", "16"));
}

TEST(SweepCurves, HaveTheBestInFront) {
  const Sweep sweep = rates_by_batches();
  const SweepCurves curves = validation_curves(sweep);
  ASSERT_EQ(curves.chart.series.size(), 7U);  // six runs, and the best once more
  EXPECT_EQ(curves.chart.series.back().name, "best");
  EXPECT_FALSE(curves.chart.series.back().faint);
  EXPECT_TRUE(curves.chart.series.front().faint);
  EXPECT_TRUE(curves.chart.series.front().dots);  // one epoch is one point
  EXPECT_EQ(training_curves(sweep).chart.series.size(), 9U);
  EXPECT_EQ(training_curves(sweep).chart.marks.size(), 2U);
}

}  // namespace
}  // namespace evenkeel::sweep
