// SPDX-License-Identifier: Apache-2.0
// The page and the numbers of a comparison, from records made up here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "evenkeel/report/compare_charts.h"
#include "evenkeel/report/compare_report.h"
#include "evenkeel/report/html.h"
#include "evenkeel/study/compare/presets.h"
#include "tests/report/page_check.h"

namespace evenkeel::compare {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Accuracy rises to `end` as 1 - error^step does.
RunRecord record_of(const std::string& name, double end, double seconds_a_step,
                    double first_gradient) {
  RunRecord record;
  record.run = name;
  record.steps = 100;
  record.test_images = 10000;
  record.seconds = 100 * seconds_a_step;
  record.step_seconds = seconds_a_step;
  for (std::int64_t step = 10; step <= 100; step += 10) {
    const auto x = static_cast<double>(step);
    record.losses.push_back({step, x * seconds_a_step, 2 / x});
    record.tests.push_back({step, x * seconds_a_step, 2 / x, end - (100 - x) / 1000});
    record.probes.push_back({step,
                             {{"relu1", {-1, 0, 1}, {-2, 0, 2}}},
                             {{"dense1", first_gradient}, {"dense2", 1}, {"dense3", 1}}});
  }
  record.norms = {{"norm1", {{"gamma", {0.5, 1.5, {1, 2, 3}}}}}};
  return record;
}

Results two_alternatives(std::int64_t seeds = 2) {
  Results results;
  Study& study = results.study;
  study.network = "mlp";
  study.alternatives = {alternative_of({NormKind::none}, Place::before),
                        alternative_of({NormKind::batch}, Place::before)};
  study.learning_rates = {0.1, 1};
  study.seeds = seeds;
  study.steps = 100;
  results.step_seconds = {0.001, 0.0015};
  for (const Run& run : runs_of(study)) {
    const bool batch = run.alternative == 1;
    RunRecord record =
        batch ? record_of(run.name, 0.98, 0.0015, 0.9) : record_of(run.name, 0.95, 0.001, 0.01);
    if (!batch && run.learning_rate == 1) {
      record.tests.resize(2);
      record.diverged = Divergence{23, "dense1"};
    }
    results.records.push_back(std::move(record));
  }
  return results;
}

TEST(ComparePage, IsOneFileOfBalancedTags) {
  for (const char* preset : {"", "ioffe2015", "placement"}) {
    Results results = two_alternatives();
    results.study.preset = preset;
    const std::string page = compare_page(results);
    EXPECT_EQ(test::unbalanced(page), "");
    for (const char* outside : {"http", "src=", "href=", "url(", "@import", "<script", "<link"})
      EXPECT_THAT(page, Not(HasSubstr(outside)));
    EXPECT_THAT(page, Not(HasSubstr(">nan")));
    EXPECT_THAT(page,
                AllOf(HasSubstr("prefers-color-scheme:dark"), HasSubstr("name=\"viewport\"")));
    EXPECT_LT(page.size(), 2'000'000U);
  }
}

TEST(ComparePage, EveryChartSaysWhatItShows) {
  const std::string page = compare_page(two_alternatives());
  std::size_t charts = 0;
  for (std::size_t at = page.find("<svg "); at != std::string::npos;
       at = page.find("<svg ", at + 1)) {
    const std::string tag = page.substr(at, page.find('>', at) - at);
    const bool hidden = tag.find("aria-hidden") != std::string::npos;
    EXPECT_TRUE(hidden || tag.find("aria-label=\"") != std::string::npos) << tag;
    charts += hidden ? 0 : 1;
  }
  EXPECT_GT(charts, 10U);
}

TEST(ComparePage, SaysInTheChartWhereARunDiverged) {
  EXPECT_THAT(compare_page(two_alternatives()), HasSubstr(">diverged at step 23</text>"));
  // Of one seed among several too.
  Results results = two_alternatives(3);
  for (RunRecord& record : results.records)
    if (record.diverged) record.diverged.reset();
  results.records.back().diverged = Divergence{57, "dense1"};
  EXPECT_THAT(compare_page(results), HasSubstr("<title>diverged at step 57</title>"));
}

TEST(ComparePage, NoTwoAlternativesLookAlike) {
  Study study;
  study.network = "mlp";
  study.alternatives = {alternative_of({NormKind::none}, Place::before)};
  for (const Norm& norm : {Norm{NormKind::batch}, Norm{NormKind::ghost, 32}, Norm{NormKind::layer},
                           Norm{NormKind::group, 8}, Norm{NormKind::never_updated},
                           Norm{NormKind::divide_by_variance}})
    for (const Place place : {Place::as_written, Place::before, Place::after})
      study.alternatives.push_back(alternative_of(norm, place));
  const std::string page = html::page("", "");
  std::set<std::string> looks;
  for (std::size_t a = 0; a < study.alternatives.size(); ++a) {
    const std::string rule = ".line.s" + std::to_string(style_of(study, a)) + "{";
    const std::size_t at = page.find(rule);
    ASSERT_NE(at, std::string::npos) << rule;
    const std::size_t begin = at + rule.size();
    looks.insert(page.substr(begin, page.find('}', at) - begin));
  }
  EXPECT_EQ(looks.size(), study.alternatives.size());
}

TEST(ComparePage, WritesDivergenceAndRangesInTheTable) {
  const std::string page = compare_page(two_alternatives());
  EXPECT_THAT(page, HasSubstr("diverged at step 23"));
  EXPECT_THAT(page, HasSubstr("98.00 %"));
}

TEST(CompareText, HasAlternativesByRateAndTheHeadlines) {
  const std::string text = compare_text(two_alternatives());
  EXPECT_THAT(text, HasSubstr("test accuracy   lr 0.1                 lr 1  ms a step\n"
                              "none           95.00 %  diverged at step 23          1\n"
                              "batch before   98.00 %              98.00 %        1.5\n"));
  EXPECT_THAT(text, HasSubstr("'batch before' ends with the best test accuracy: 98.00 %"));
}

TEST(CompareJson, HasAllNumbers) {
  const Results results = two_alternatives();
  const auto json = nlohmann::json::parse(compare_json(results));
  for (const char* key : {"evenkeel", "study", "step_seconds", "headlines", "judgements",
                          "losses_of_batch_norm", "paper", "cells", "runs"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json["runs"].size(), 8U);
  EXPECT_EQ(json["cells"].size(), 4U);
  EXPECT_EQ(json["cells"][1]["diverged_at"], nlohmann::json({23, 23}));
  EXPECT_TRUE(json["cells"][1]["accuracy"].is_null());
  EXPECT_EQ(json["runs"][0]["tests"].size(), 10U);
  EXPECT_EQ(json["runs"][0]["seed"], 1);
  EXPECT_EQ(json["judgements"][0]["claim"], "faster convergence");
}

TEST(CellText, CountsSeedsThatDiverged) {
  RunRecord good = record_of("a", 0.9, 0.001, 1);
  RunRecord bad = good;
  bad.diverged = Divergence{1234, "dense1"};
  Cell cell{0, 0, {&good, &good, &bad}, {0.9, 0.9}, {1234}};
  EXPECT_EQ(cell_text(cell), "90.00 % (1 of 3 diverged at step 1,234)");
  cell = {0, 0, {&bad, &bad}, {}, {10, 20}};
  EXPECT_EQ(cell_text(cell), "diverged at step 15");
  EXPECT_EQ(cell_text({}), "n/a");
}

}  // namespace
}  // namespace evenkeel::compare
