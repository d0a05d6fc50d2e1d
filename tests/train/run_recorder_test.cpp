// SPDX-License-Identifier: Apache-2.0
// What a run leaves in its folder beside checkpoints, by log_run() and by what it is made of.
#include "evenkeel/train/run_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os_lock.h"
#include "evenkeel/train/log_run.h"
#include "tests/support/event_reader.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using test::event_files_in;
using test::read_events_in;
using test::small_data;
using test::small_trainer;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr std::int64_t kRecordedBatch = 32;  // ten steps an epoch

std::vector<std::string> rows_in(const fs::path& folder) {
  std::vector<std::string> rows;
  for (const MetricsRow& row : read_metrics(folder))
    rows.push_back(row.event + (row.split.empty() ? "" : ":" + row.split) + " " +
                   std::to_string(row.step));
  return rows;
}

// A run over two epochs, in one process or in two.
void train_recorded(Trainer& trainer, const fs::path& folder, std::int64_t epochs) {
  const Dataset data = small_data();
  LogRunOptions options;
  options.metrics_every = 5;
  options.train = data;
  options.validation = small_data(64, 2);
  trainer.fit(
      data,
      {.epochs = epochs, .batch_size = kRecordedBatch, .callbacks = {log_run(folder, options)}});
}

TEST(RunRecorder, MetricsHaveARowForEachEvent) {
  const test::TemporaryFolder folder;
  Trainer trainer = small_trainer();
  train_recorded(trainer, folder / "run", 2);
  EXPECT_THAT(rows_in(folder / "run"),
              ElementsAre("batch 1", "batch 5", "batch 10", "epoch 10", "evaluation:validation 10",
                          "batch 15", "batch 20", "epoch 20", "evaluation:validation 20"));
  for (const MetricsRow& row : read_metrics(folder / "run")) {
    EXPECT_TRUE(std::isfinite(row.loss) && std::isfinite(row.accuracy)) << row.event;
    EXPECT_EQ(row.epoch, (row.step + 9) / 10);
    EXPECT_EQ(row.images, row.event == "evaluation" ? 64 : 0);
    if (row.event == "batch") {
      EXPECT_EQ(row.learning_rate, 3e-3);
    }
  }
  EXPECT_TRUE(fs::exists(folder / "run/environment.json"));
}

TEST(RunRecorder, EventsHaveTheTagsOfMetricsAndHistogramsOfAllThatTrains) {
  const test::TemporaryFolder folder;
  Trainer trainer = small_trainer();
  train_recorded(trainer, folder.path(), 2);
  std::set<std::string> scalars;
  std::map<std::string, std::vector<std::int64_t>> histograms;
  std::map<std::string, test::ReadHistogram> last;
  for (const test::ReadEvent& event : read_events_in(folder.path())) {
    for (const auto& [tag, value] : event.scalars) scalars.insert(tag);
    for (const auto& [tag, histogram] : event.histograms) {
      histograms[tag].push_back(event.step);
      last[tag] = histogram;
    }
  }
  EXPECT_THAT(scalars,
              ElementsAre("train/accuracy", "train/images_per_second", "train/learning_rate",
                          "train/loss", "validation/accuracy", "validation/loss"));
  std::set<std::string> tags;
  for (const auto& [tag, steps] : histograms) {
    tags.insert(tag);
    EXPECT_THAT(steps, ElementsAre(10, 20)) << tag;
  }
  EXPECT_EQ(tags, (std::set<std::string>{
                      "beta/bn1", "gamma/bn1", "moving_mean/bn1", "moving_variance/bn1",
                      "weights/dense1/kernel", "weights/dense1/bias", "weights/dense2/kernel",
                      "weights/dense2/bias", "gradients/bn1/gamma", "gradients/bn1/beta",
                      "gradients/dense1/kernel", "gradients/dense1/bias", "gradients/dense2/kernel",
                      "gradients/dense2/bias"}));
  const Tensor kernel = trainer.state("dense1/kernel");
  const auto expected = tensorboard::histogram_of(kernel.values<float>());
  EXPECT_EQ(last.at("weights/dense1/kernel").sum, expected.sum);
  EXPECT_EQ(last.at("weights/dense1/kernel").buckets, expected.buckets);
  EXPECT_EQ(last.at("moving_mean/bn1").count, 49);
}

TEST(RunRecorder, FewerImagesThanABatchAreNoHistogramsOfGradients) {
  const test::TemporaryFolder folder;
  Trainer trainer = small_trainer();
  LogRunOptions options;
  options.train = small_data(kRecordedBatch - 1);
  trainer.fit(
      small_data(),
      {.epochs = 2, .batch_size = kRecordedBatch, .callbacks = {log_run(folder.path(), options)}});
  EXPECT_EQ(trainer.completed_steps(), 20);
  std::set<std::string> groups;
  for (const test::ReadEvent& event : read_events_in(folder.path()))
    for (const auto& [tag, histogram] : event.histograms)
      groups.insert(tag.substr(0, tag.find('/')));
  EXPECT_THAT(groups, ElementsAre("beta", "gamma", "moving_mean", "moving_variance", "weights"));
}

TEST(RunRecorder, AResumedRunHasTheRowsOfOneThatNeverStopped) {
  const test::TemporaryFolder folder;
  Trainer whole = small_trainer();
  train_recorded(whole, folder / "whole", 2);
  {
    Trainer first = small_trainer();
    train_recorded(first, folder / "parts", 1);
    first.save(folder / "ten");
    train_recorded(first, folder / "parts", 2);  // its rows are lost with the process
  }
  Trainer second = small_trainer();
  second.restore(folder / "ten");
  train_recorded(second, folder / "parts", 2);
  EXPECT_EQ(rows_in(folder / "parts"), rows_in(folder / "whole"));
  const auto a = read_metrics(folder / "whole");
  const auto b = read_metrics(folder / "parts");
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].loss, b[i].loss) << i;
    EXPECT_EQ(a[i].accuracy, b[i].accuracy) << i;
  }
  ASSERT_EQ(event_files_in(folder / "parts").size(), 3U);
  const auto events = test::read_events(test::read_bytes(event_files_in(folder / "parts")[2]));
  EXPECT_EQ(events.events.at(1).session_status, 1);
  EXPECT_EQ(events.events.at(1).step, 11);
}

TEST(RunRecorder, AFileThatCannotBeWrittenIsOneWarning) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "metrics.jsonl");
  std::vector<std::string> warnings;
  Trainer trainer =
      small_trainer([&](Severity, const std::string& text) { warnings.push_back(text); });
  train_recorded(trainer, folder.path(), 2);
  EXPECT_EQ(trainer.completed_steps(), 20);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], HasSubstr("metrics.jsonl"));
  EXPECT_THAT(warnings[0], HasSubstr("the run goes on without it"));
  EXPECT_EQ(event_files_in(folder.path()).size(), 1U);
}

TEST(RunRecorder, AFolderInUseIsRefused) {
  const test::TemporaryFolder folder;
  const os::FileLock lock(folder / "lock");
  EXPECT_THROW(log_run(folder.path()), InvalidArgument);
  EXPECT_THROW(log_run(folder / "other", {.metrics_every = -1}), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
