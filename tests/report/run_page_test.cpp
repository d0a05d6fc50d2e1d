// SPDX-License-Identifier: Apache-2.0
// The report's page and numbers, from runs made up here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "evenkeel/report/run_curves.h"
#include "evenkeel/report/run_report.h"
#include "tests/report/page_check.h"

namespace evenkeel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

MetricsRow batch_row(std::int64_t step, double loss) {
  MetricsRow row{"batch", "", step, 1 + step / 1000};
  row.loss = loss;
  row.accuracy = 1 - std::min(1.0, loss / 3);
  row.learning_rate = 1e-3;
  row.images_per_second = 1000;
  return row;
}

MetricsRow result_row(const char* event, const char* split, std::int64_t step, double accuracy) {
  MetricsRow row{event, split, step, 1};
  row.accuracy = accuracy;
  row.loss = 1 - accuracy;
  return row;
}

// `batches` rows ten steps apart, each validation a tenth of them apart, a result at the end.
RecordedRun record_of(const std::string& name, std::int64_t batches = 100) {
  RecordedRun record;
  record.name = name;
  record.folder = "runs/" + name;
  record.state = RunState::finished;
  record.recipe = "[train]\nlr = 0.001\n";
  record.has_recipe = true;
  record.settings = {{"model.name", "\"mnist-cnn\""},
                     {"data.name", "\"mnist\""},
                     {"train.lr", "0.001"},
                     {"train.epochs", "2"}};
  for (std::int64_t i = 1; i <= batches; ++i) {
    record.rows.push_back(batch_row(10 * i, 2.0 / std::sqrt(static_cast<double>(i))));
    if (i % std::max<std::int64_t>(1, batches / 10) == 0)
      record.rows.push_back(
          result_row("evaluation", "validation", 10 * i,
                     0.9 + 0.05 * static_cast<double>(i) / static_cast<double>(batches)));
  }
  record.rows.push_back(result_row("done", "", 10 * batches, 0.9712));
  record.rows.back().seconds = 75;
  return record;
}

Image grey(std::int64_t side) {
  return {side, side, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(side * side), 7)};
}

RunLook look_of(std::int64_t classes = 3) {
  RunLook look;
  look.checkpoint = "step-00001000.safetensors";
  look.step = 1000;
  look.best = true;
  look.model = "mnist-cnn";
  look.data = "mnist";
  look.split = "test";
  look.class_names = {"cat", "dog", "c<b>w"};
  look.norms = {{"bn1", 4, 1000, 1e-3, false, Counted{0.5, 1.5, {1, 2, 1}}, Counted{-1, 1, {4}}},
                {"bn2", 8, {}, 1e-3, true, {}, {}}};
  look.findings = {
      {Severity::warning,
       "dead-channels",
       "bn1",
       "2 of 4 channels are dead.",
       {{"share", 0.5}},
       "They compute nothing.",
       "Lower the learning rate."},
      {Severity::info, "no-decay", "", "There is no weight decay.", {}, "Why.", "Fix."}};
  Judged judged{{10 * classes, classes, 9 * classes, 0.25, {}}, {}};
  judged.confusion.counts.resize(static_cast<std::size_t>(classes * classes));
  for (std::int64_t i = 0; i < classes; ++i) {
    judged.confusion.counts[static_cast<std::size_t>(i * classes + i)] = 9;
    judged.confusion.counts[static_cast<std::size_t>(i * classes + (i + 1) % classes)] = 1;
  }
  judged.worst = {{17, 1, 2, 0.001, 0.998, 6.9, grey(28)}, {4, 0, 1, 0.2, 0.7, 1.6, grey(28)}};
  look.judged = judged;
  look.filters = FirstFilters{"conv1", "conv1/kernel", Shape{5, 5, 1, 2}, 0.4, {grey(5), grey(5)}};
  Profile profile;
  profile.runs = 10;
  profile.seconds = 0.5;
  profile.phases = {
      {PhaseKind::samples,
       8,
       0.5,
       {{"conv1", "native/conv2d", 0.9, 1e6}, {"bn1", "native/batch_norm", 0.1, 1e3}}}};
  look.profile = profile;
  look.profile_batch = 128;
  look.profile_threads = 2;
  look.missing = {"Something <left> out."};
  return look;
}

void expect_whole(const std::string& page) {
  EXPECT_EQ(test::unbalanced(page), "");
  EXPECT_THAT(test::silent_charts(page), IsEmpty());
  for (const char* outside : {"http", "href=", "url(", "@import", "<script", "<link", "<iframe"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  for (std::size_t at = page.find("src="); at != std::string::npos; at = page.find("src=", at + 1))
    EXPECT_EQ(page.compare(at, 27, "src=\"data:image/png;base64,"), 0);
  EXPECT_THAT(page, Not(HasSubstr(">nan")));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_LT(page.size(), kLargestRunPage);
}

TEST(RunPage, ShowsEverySectionInOneFile) {
  const std::string page = run_page({{record_of("001-mnist-cnn"), look_of()}});
  expect_whole(page);
  EXPECT_THAT(page, HasSubstr(kRunPageMark));
  for (const char* text : {"Run 001-mnist-cnn",
                           "mnist-cnn on mnist, learning rate 0.001, 2 epochs",
                           "Test accuracy 97.12 %",
                           "Best on validation images: 95.00 %",
                           "1:15 of training",
                           "1,000 images a second",
                           "1 warning, 1 note",
                           "<pre>[train]\nlr = 0.001\n</pre>",
                           "Loss by step",
                           "Accuracy by step",
                           "Learning rate by step",
                           "Images a second, by step",
                           "Batch norm, layer by layer",
                           "dead-channels",
                           "Lower the learning rate.",
                           "nothing found",
                           "Confusion matrix",
                           "most often taken for",
                           "<title>true cat, predicted dog: 1 of 10",
                           "Its worst mistakes",
                           "<b>dog</b> taken for <b>c&lt;b&gt;w</b> (99.8 %)",
                           "image 17",
                           "First filters",
                           "alt=\"filter 1 of conv1\"",
                           "Time of a training step, by op",
                           "conv1 · native/conv2d",
                           "mean of 10 steps with batches of 128 on 2 threads",
                           "Something &lt;left&gt; out."})
    EXPECT_THAT(page, HasSubstr(text)) << text;
}

TEST(RunPage, EscapesWhatPeopleNamed) {
  RecordedRun record = record_of("<i>a&b</i>");
  record.recipe = "name = \"</pre><b>\"";
  record.settings.emplace_back("optimizer.name", "\"<u>\"");
  record.remarks = {"a <script>"};
  const std::string page = run_page({{record, look_of()}, {record_of("\"b\""), {}}});
  expect_whole(page);
  EXPECT_THAT(page, AllOf(HasSubstr("&lt;i&gt;a&amp;b&lt;/i&gt;"), HasSubstr("&quot;b&quot;")));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<i>")), Not(HasSubstr("<u>"))));
}

TEST(RunPage, StaysSmallWithAHundredThousandRows) {
  const std::string page = run_page({{record_of("long", 100'000), look_of()}});
  expect_whole(page);
  EXPECT_LT(page.size(), 300'000U);
}

TEST(RunPage, StaysSmallWithManyRunsAndClasses) {
  std::vector<ReportedRun> runs;
  for (int i = 0; i < 40; ++i)
    runs.push_back({record_of("run-" + std::to_string(i), 2000), look_of(100)});
  const std::string page = run_page(runs);
  expect_whole(page);
  EXPECT_THAT(page, AllOf(HasSubstr("Of 40 runs the 32 with the best accuracy"),
                          HasSubstr(">run-39</th>")));
}

TEST(RunPage, ComparesManyRuns) {
  ReportedRun first{record_of("slow"), look_of()};
  ReportedRun second{record_of("fast"), look_of()};
  second.record.settings[2].second = "0.1";
  second.record.rows.back().accuracy = 0.991;
  const std::string page = run_page({first, second});
  expect_whole(page);
  for (const char* text :
       {"<h1>2 runs</h1>", "train.lr", "<td>0.1</td>", "<b>99.10 %</b>", "Curves of all",
        "Accuracy on validation images by step", "Training loss by step, smoothed",
        "<details><summary>fast</summary>", "<details><summary>slow</summary>"})
    EXPECT_THAT(page, HasSubstr(text)) << text;
  EXPECT_THAT(page, Not(HasSubstr("<th scope=\"col\">train.epochs</th>")));
  second.record.settings = first.record.settings;
  EXPECT_THAT(run_page({first, second}), HasSubstr("All of their settings are the same."));
}

TEST(RunPage, ResultsThatNoRunHasHaveNoColumn) {
  constexpr const char* kColumn = "<th scope=\"col\">best validation</th>";
  ReportedRun first{record_of("slow"), look_of()};
  ReportedRun second{record_of("fast"), look_of()};
  EXPECT_THAT(run_page({first, second}), HasSubstr(kColumn));
  const auto is_validation = [](const MetricsRow& row) { return row.split == "validation"; };
  std::erase_if(first.record.rows, is_validation);
  EXPECT_THAT(run_page({first, second}), HasSubstr(kColumn));
  std::erase_if(second.record.rows, is_validation);
  EXPECT_THAT(run_page({first, second}), Not(HasSubstr(kColumn)));
}

TEST(RunPage, SaysHowARunEnded) {
  RecordedRun record = record_of("a");
  record.rows.pop_back();
  record.state = RunState::interrupted;
  EXPECT_THAT(run_page({{record, {}}}),
              AllOf(HasSubstr("interrupted after step 1,000"),
                    HasSubstr("'evenkeel train --resume runs/a' goes on with it")));
  record.state = RunState::training;
  EXPECT_THAT(run_page({{record, {}}}), HasSubstr("still training"));
}

TEST(RunPage, WithoutMetricsOrNetworkSaysSo) {
  RecordedRun record;
  record.name = "old";
  record.notes = {{"model", "mlp"}, {"batch", "64"}};
  record.settings = {{"batch", "64"}, {"model", "mlp"}};
  record.remarks = {"There is no metrics.jsonl in the folder."};
  const std::string page = run_page({{record, {}}});
  expect_whole(page);
  EXPECT_THAT(page, AllOf(HasSubstr("There is no metrics.jsonl"), HasSubstr("batches of 64"),
                          HasSubstr("As run.json has them"), Not(HasSubstr("<h2>"))));
}

TEST(RunCurves, NotFiniteIsAGapAndMarked) {
  std::vector<MetricsRow> rows;
  for (std::int64_t step = 1; step <= 10; ++step)
    rows.push_back(batch_row(step, step == 5 ? kNaN : 1.0 / static_cast<double>(step)));
  const std::vector<Curve> curves = curves_of(rows, 100);
  ASSERT_FALSE(curves.empty());
  const LineChart& loss = curves.front().chart;
  ASSERT_EQ(loss.marks.size(), 1U);
  EXPECT_EQ(loss.marks[0].text, "not finite at step 5");
  EXPECT_TRUE(std::isnan(loss.series[0].y[4]));
  const std::string svg = to_svg(loss, {});
  EXPECT_THAT(svg, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
}

TEST(RunCurves, AreThoseThatHaveSomethingToShow) {
  EXPECT_THAT(curves_of({}, 100), IsEmpty());
  const auto curves = curves_of({result_row("evaluation", "validation", 5, 0.5)}, 100);
  ASSERT_EQ(curves.size(), 2U);  // loss and accuracy
  EXPECT_EQ(curves[0].chart.series.size(), 1U);
  EXPECT_TRUE(curves[0].chart.series[0].dots);
}

TEST(RunJson, HasTheNumbersOfThePage) {
  RecordedRun record = record_of("a");
  record.rows[3].loss = kNaN;
  const auto json = nlohmann::json::parse(run_json({{record, look_of()}, {record, {}}}, "a.html"));
  EXPECT_EQ(json["page"], "a.html");
  ASSERT_EQ(json["runs"].size(), 2U);
  const auto& run = json["runs"][0];
  EXPECT_EQ(run["settings"]["train.lr"], "0.001");
  EXPECT_EQ(run["outcome"]["test"]["accuracy"], 0.9712);
  EXPECT_EQ(run["outcome"]["seconds"], 75);
  EXPECT_EQ(run["curves"].size(), 4U);
  const auto& look = run["look"];
  EXPECT_EQ(look["findings"][0]["id"], "dead-channels");
  EXPECT_EQ(look["confusion"]["classes"][0]["predicted"], nlohmann::json({9, 1, 0}));
  EXPECT_EQ(look["mistakes"][0]["index"], 17);
  EXPECT_EQ(look["first_filters"]["shape"], nlohmann::json({5, 5, 1, 2}));
  EXPECT_EQ(look["profile"]["rows"].size(), 2U);
  EXPECT_TRUE(json["runs"][1]["look"].is_null());
}

}  // namespace
}  // namespace evenkeel
