// SPDX-License-Identifier: Apache-2.0
// Verdicts follow from the numbers: other numbers, other verdicts.
#include "evenkeel/study/compare/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace evenkeel::compare {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Course {
  double end = 0.95;        // test accuracy, reached in a line
  std::int64_t full = 100;  // the step at which it is
  double step_seconds = 0.001;
  double gradient = 1;  // the first layer's over the last hidden layer's
  std::int64_t diverged = 0;
  double at_start = 1;  // the same before training
};

RunRecord record_of(const Course& course) {
  RunRecord record;
  record.steps = 100;
  record.test_images = 10000;
  record.probes.push_back({0, {}, {{"a", course.at_start}, {"b", 1}, {"c", 1}}});
  for (std::int64_t step = 10; step <= 100; step += 10) {
    const auto done = static_cast<double>(std::min(step, course.full));
    record.tests.push_back({step, static_cast<double>(step) * course.step_seconds, 1,
                            course.end * done / static_cast<double>(course.full)});
    record.probes.push_back({step, {}, {{"a", course.gradient}, {"b", 1}, {"c", 1}}});
  }
  if (course.diverged > 0) record.diverged = Divergence{course.diverged, "a"};
  return record;
}

// One rate, one seed.
Results results_of(const Course& plain, const Course& normed) {
  Results results;
  results.study.alternatives = {{"plain", {NormKind::none}, Place::before, 0},
                                {"normed", {NormKind::batch}, Place::before, 0}};
  results.study.learning_rates = {0.1};
  results.study.seeds = 1;
  results.study.steps = 100;
  results.records = {record_of(plain), record_of(normed)};
  results.step_seconds = {plain.step_seconds, normed.step_seconds};
  return results;
}

std::vector<Judgement> judged(const Course& plain, const Course& normed) {
  const Results results = results_of(plain, normed);
  return judgements(Analysis(results));
}

enum { kConvergence, kGeneralisation, kGradients };

TEST(Verdicts, ConvergenceIsFasterInStepsAndSeconds) {
  EXPECT_EQ(judged({.full = 100}, {.full = 30})[kConvergence].verdict, Verdict::holds);
  EXPECT_EQ(judged({.full = 30}, {.full = 100})[kConvergence].verdict, Verdict::fails);
  EXPECT_EQ(judged({.full = 50}, {.full = 50})[kConvergence].verdict, Verdict::fails);
  // Half the steps, each taking three times as long.
  const auto slow = judged({.full = 100}, {.full = 50, .step_seconds = 0.003});
  EXPECT_EQ(slow[kConvergence].verdict, Verdict::in_part);
  EXPECT_THAT(slow[kConvergence].evidence[0], HasSubstr("2 times faster in steps"));
  EXPECT_THAT(slow[kConvergence].evidence[0], HasSubstr("1.5 times slower in seconds"));
}

TEST(Verdicts, GeneralisationHasToExceedTheNoise) {
  EXPECT_EQ(judged({.end = 0.95}, {.end = 0.98})[kGeneralisation].verdict, Verdict::holds);
  EXPECT_EQ(judged({.end = 0.98}, {.end = 0.95})[kGeneralisation].verdict, Verdict::fails);
  const auto close = judged({.end = 0.980}, {.end = 0.981});
  EXPECT_EQ(close[kGeneralisation].verdict, Verdict::open);
  EXPECT_THAT(close[kGeneralisation].evidence[0], HasSubstr("+0.10 points. Within ±0.3"));
}

TEST(Verdicts, GradientsVanishOnlyWithoutBatchNorm) {
  EXPECT_EQ(judged({.gradient = 0.01}, {.gradient = 0.8})[kGradients].verdict, Verdict::holds);
  EXPECT_EQ(judged({.gradient = 0.01}, {.gradient = 0.01})[kGradients].verdict, Verdict::fails);
  // Only before training.
  EXPECT_EQ(judged({.at_start = 0.05}, {.gradient = 2})[kGradients].verdict, Verdict::holds);
  const auto healthy = judged({.gradient = 0.9}, {.gradient = 3});
  EXPECT_EQ(healthy[kGradients].verdict, Verdict::unknown);
  EXPECT_EQ(judged({.gradient = 0.9}, {.gradient = 0.1})[kGradients].verdict, Verdict::fails);
  EXPECT_THAT(healthy[kGradients].evidence[0], HasSubstr("does not vanish here either"));
}

TEST(Verdicts, DivergingEverywhereSettlesThem) {
  EXPECT_EQ(judged({.diverged = 3}, {})[kConvergence].verdict, Verdict::holds);
  EXPECT_EQ(judged({}, {.diverged = 3})[kConvergence].verdict, Verdict::fails);
  const Results results = results_of({.diverged = 3}, {.diverged = 4});
  EXPECT_EQ(headlines(Analysis(results)).front(), "Every run diverged.");
}

TEST(Verdicts, WithoutAPairNothingIsMeasured) {
  Results results = results_of({}, {});
  results.study.alternatives[0].norm = {NormKind::layer};
  for (const Judgement& each : judgements(Analysis(results))) {
    EXPECT_EQ(each.verdict, Verdict::unknown);
    EXPECT_THAT(each.evidence, IsEmpty());
  }
}

TEST(Verdicts, SayWhereBatchNormLoses) {
  const Results results =
      results_of({.end = 0.97, .step_seconds = 0.001}, {.end = 0.96, .step_seconds = 0.002});
  const auto losses = losses_of_batch_norm(Analysis(results));
  ASSERT_EQ(losses.size(), 2U);
  EXPECT_EQ(losses[0], "At rate 0.1 'normed' ends with 96.00 %, 'plain' with 97.00 %.");
  EXPECT_EQ(losses[1], "A step of 'normed' takes 2 ms, one of 'plain' 1 ms: +100 %.");
}

TEST(Analysis, BestIsTheRateWithTheBestMedian) {
  Results results;
  results.study.alternatives = {{"plain", {NormKind::none}, Place::before, 0}};
  results.study.learning_rates = {0.1, 1, 10};
  results.study.seeds = 2;
  for (const double bonus : {0.0, 0.02}) {
    results.records.push_back(record_of({.end = 0.90 + bonus}));
    results.records.push_back(record_of({.end = 0.91 + bonus}));
    results.records.push_back(record_of({.end = 0.99, .diverged = 5}));
  }
  const Analysis analysis(results);
  ASSERT_NE(analysis.best(0), nullptr);
  EXPECT_EQ(analysis.rate(*analysis.best(0)), 1);
  EXPECT_NEAR(analysis.best(0)->accuracy(), 0.92, 1e-12);
  EXPECT_TRUE(analysis.cell(0, 2).mostly_diverged());
  EXPECT_TRUE(std::isnan(analysis.cell(0, 2).accuracy()));
}

TEST(Analysis, ReachedCountsASeedThatNeverDoesAsInfinite) {
  const RunRecord fast = record_of({.end = 0.9, .full = 50});
  const RunRecord never = record_of({.end = 0.5});
  Cell cell{0, 0, {&fast, &fast, &never}, {}, {}};
  ASSERT_TRUE(reached(cell, 0.9));
  EXPECT_EQ(reached(cell, 0.9)->steps, 50);
  cell.runs = {&fast, &never, &never};
  EXPECT_FALSE(reached(cell, 0.9));
}

TEST(Analysis, MedianOfAnEvenNumberIsTheMiddle) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_TRUE(std::isnan(median({})));
}

}  // namespace
}  // namespace evenkeel::compare
