// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/metrics_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/base/error.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

MetricsRow row(const std::string& event, std::int64_t step, const std::string& split = "") {
  MetricsRow row{.event = event, .split = split, .step = step, .epoch = 1};
  row.loss = 0.5;
  row.accuracy = 0.75;
  return row;
}

std::string text_in(const fs::path& path) {
  const auto bytes = test::read_bytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> events_in(const fs::path& folder) {
  std::vector<std::string> events;
  for (const MetricsRow& each : read_metrics(folder))
    events.push_back(each.event + " " + std::to_string(each.step));
  return events;
}

void silent(const std::string& text) { ADD_FAILURE() << text; }

TEST(MetricsLog, WritesEachEventWithItsKeys) {
  MetricsRow batch = row("batch", 10);
  batch.learning_rate = 0.001;
  EXPECT_EQ(metrics_line(batch),
            R"({"event":"batch","step":10,"epoch":1,"loss":0.5,"accuracy":0.75,)"
            R"("learning_rate":0.001,"images_per_second":null})"
            "\n");
  MetricsRow epoch = row("epoch", 429);
  epoch.images_per_second = 12345.5;
  epoch.seconds = 3.25;
  EXPECT_EQ(metrics_line(epoch),
            R"({"event":"epoch","step":429,"epoch":1,"loss":0.5,"accuracy":0.75,)"
            R"("images_per_second":12345.5,"seconds":3.25})"
            "\n");
  MetricsRow validation = row("evaluation", 429, "validation");
  validation.loss = std::numeric_limits<double>::infinity();
  validation.images = 5000;
  validation.best = true;
  EXPECT_EQ(metrics_line(validation),
            R"({"event":"evaluation","split":"validation","step":429,"epoch":1,"loss":null,)"
            R"("accuracy":0.75,"images":5000,"best":true})"
            "\n");
  MetricsRow done = row("done", 4290);
  done.seconds = 33;
  EXPECT_EQ(metrics_line(done),
            R"({"event":"done","step":4290,"seconds":33.0,"loss":0.5,"accuracy":0.75})"
            "\n");
}

TEST(MetricsLog, ReadsBackWhatItWrote) {
  const test::TemporaryFolder folder;
  MetricsRow evaluation = row("evaluation", 20, "test");
  evaluation.loss = 0.1 + 0.2;
  evaluation.images = 10000;
  evaluation.best = true;
  MetricsLog log(folder.path(), 0, silent);
  EXPECT_TRUE(log.add(row("batch", 10)));
  EXPECT_TRUE(log.add(evaluation));
  const auto rows = read_metrics(folder.path(), silent);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].event, "batch");
  EXPECT_TRUE(std::isnan(rows[0].learning_rate));
  EXPECT_EQ(rows[1].split, "test");
  EXPECT_EQ(rows[1].loss, 0.1 + 0.2);
  EXPECT_EQ(rows[1].images, 10000);
  EXPECT_TRUE(rows[1].best);
  EXPECT_EQ(read_metrics(folder / "metrics.jsonl").size(), 2U);
}

TEST(MetricsLog, NoFileHasNoRows) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(read_metrics(folder.path(), silent), IsEmpty());
  EXPECT_THAT(read_metrics(folder / "nowhere", silent), IsEmpty());
}

TEST(MetricsLog, IsCutBackToTheStepThatARunGoesOnFrom) {
  const test::TemporaryFolder folder;
  {
    MetricsLog log(folder.path(), 0, silent);
    for (const std::int64_t step : {1, 10, 20}) log.add(row("batch", step));
    log.add(row("evaluation", 20, "test"));
    log.add(row("done", 20));
    log.add(row("batch", 30));
  }
  MetricsLog log(folder.path(), 20, silent);
  EXPECT_THAT(events_in(folder.path()),
              ElementsAre("batch 1", "batch 10", "batch 20", "evaluation 20"));
  log.add(row("batch", 30));
  EXPECT_THAT(events_in(folder.path()),
              ElementsAre("batch 1", "batch 10", "batch 20", "evaluation 20", "batch 30"));
}

TEST(MetricsLog, NoRowAppearsTwice) {
  const test::TemporaryFolder folder;
  {
    MetricsLog log(folder.path(), 0, silent);
    EXPECT_TRUE(log.add(row("batch", 20)));
    EXPECT_FALSE(log.add(row("batch", 20)));
    EXPECT_TRUE(log.add(row("evaluation", 20, "test")));
  }
  MetricsLog log(folder.path(), 20, silent);
  EXPECT_TRUE(log.has("evaluation", "test"));
  EXPECT_FALSE(log.has("evaluation", "validation"));
  EXPECT_FALSE(log.add(row("evaluation", 20, "test")));
  EXPECT_TRUE(log.add(row("evaluation", 20, "validation")));
  EXPECT_FALSE(log.add(row("evaluation", 20, "validation")));
  EXPECT_TRUE(log.add(row("batch", 30)));
  EXPECT_TRUE(log.add(row("evaluation", 30, "test")));
}

TEST(MetricsLog, ATornLastLineGoesWithoutAWord) {
  const test::TemporaryFolder folder;
  const std::string whole = metrics_line(row("batch", 10));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    test::write_bytes(folder / "metrics.jsonl", test::bytes_of(whole + whole.substr(0, size)));
    EXPECT_THAT(events_in(folder.path()), ElementsAre("batch 10"));
    MetricsLog log(folder.path(), 10, silent);
    EXPECT_EQ(text_in(folder / "metrics.jsonl"), whole) << size;
  }
}

TEST(MetricsLog, LinesThatAreNoRowsAreToldAndStay) {
  const test::TemporaryFolder folder;
  const std::string text = metrics_line(row("batch", 1)) + "my own note\n" +
                           R"({"step":-1,"event":"batch"})" + "\n" + R"({"step":1e300})" + "\n" +
                           std::string(100, '[') + "\n" + metrics_line(row("batch", 30));
  test::write_bytes(folder / "metrics.jsonl", test::bytes_of(text));
  std::vector<std::string> told;
  const auto tell = [&](const std::string& text) { told.push_back(text); };
  EXPECT_EQ(read_metrics(folder.path(), tell).size(), 2U);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], HasSubstr("4 lines are no JSON"));
  MetricsLog log(folder.path(), 20, tell);
  EXPECT_EQ(told.size(), 2U);
  EXPECT_THAT(text_in(folder / "metrics.jsonl"), HasSubstr("my own note\n"));
  EXPECT_THAT(events_in(folder.path()), ElementsAre("batch 1"));
}

TEST(MetricsLog, ValuesOfOtherTypesAreNotKnown) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "metrics.jsonl",
                    test::bytes_of(R"({"event":"epoch","step":5,"epoch":-3,"loss":"x",)"
                                   R"("accuracy":[1],"images":1e99,"best":1,"new":{}})"
                                   "\n"));
  const auto rows = read_metrics(folder.path(), silent);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].epoch, 0);
  EXPECT_TRUE(std::isnan(rows[0].loss));
  EXPECT_TRUE(std::isnan(rows[0].accuracy));
  EXPECT_EQ(rows[0].images, 0);
  EXPECT_FALSE(rows[0].best);
}

TEST(MetricsLog, AFolderInItsPlaceIsAnError) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "metrics.jsonl");
  EXPECT_THROW(read_metrics(folder.path()), DataError);
  EXPECT_THROW(MetricsLog(folder.path(), 0, {}), DataError);
}

}  // namespace
}  // namespace evenkeel
