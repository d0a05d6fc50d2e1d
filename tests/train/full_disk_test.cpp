// SPDX-License-Identifier: Apache-2.0
// What a disk that has no room left does to a run of the library.
#include "tests/support/full_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "evenkeel/base/error.h"
#include "evenkeel/train/log_run.h"
#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/save_every.h"
#include "tests/support/event_reader.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(FullDisk, LeavesTheCheckpointBeforeAndTheTrainerAsTheyWere) {
  const TemporaryFolder folder;
  Trainer trainer = small_trainer();
  trainer.fit(small_data(), {.epochs = 1, .batch_size = 32});
  const fs::path path = folder / "run.safetensors";
  trainer.save(path);
  const ByteVector before = read_bytes(path);
  trainer.fit(small_data(), {.epochs = 2, .batch_size = 32});
  {
    const FullBehind full(before.size() / 2);
    EXPECT_THAT(message_of([&] { trainer.save(path); }),
                AllOf(HasSubstr("[" + path.string() + "]"), HasSubstr("unchanged"),
                      HasSubstr("make room")));
  }
  EXPECT_EQ(read_bytes(path), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "a part was left";
  trainer.fit(small_data(), {.epochs = 3, .batch_size = 32});
  trainer.save(path);
  Trainer never_full = small_trainer();
  never_full.fit(small_data(), {.epochs = 3, .batch_size = 32});
  never_full.save(folder / "never");
  EXPECT_EQ(read_bytes(path), read_bytes(folder / "never"));
}

// Makes the disk full behind a step, and empties it behind another.
Callback fills(std::optional<FullBehind>& full, rlim_t bytes, std::int64_t from, std::int64_t to) {
  return {.on_batch = [&full, bytes, from, to](Trainer&, const BatchEvent& event) {
    if (event.step == from) full.emplace(bytes);
    if (event.step == to) full.reset();
  }};
}

TEST(FullDisk, ARunGoesOnAndSavesOnceThereIsRoom) {
  const TemporaryFolder folder;
  std::vector<std::string> warnings;
  Trainer trainer =
      small_trainer([&](Severity, const std::string& text) { warnings.push_back(text); });
  std::optional<FullBehind> full;
  EXPECT_TRUE(trainer.fit(
      small_data(), {.epochs = 3,
                     .batch_size = 32,
                     .callbacks = {fills(full, 1000, 6, 22),
                                   save_every({.steps = 5}, folder.path(), {.keep_last = 0})}}));
  std::vector<std::string> saved;
  for (const fs::path& path : checkpoints_in(folder.path())) saved.push_back(path.filename());
  EXPECT_THAT(saved,
              AllOf(Contains("step-00000025.safetensors"), Contains("step-00000030.safetensors"),
                    Not(Contains("step-00000015.safetensors"))));
  for (const fs::path& path : checkpoints_in(folder.path()))
    EXPECT_NO_THROW(Checkpoint::read(path)) << path;
  ASSERT_EQ(warnings.size(), 1U) << "the first of a row";
  EXPECT_THAT(warnings[0], AllOf(HasSubstr(".safetensors"), HasSubstr("make room"),
                                 HasSubstr("training goes on without that checkpoint")));
}

TEST(FullDisk, NoRowIsTornAndRowsGoOnOnceThereIsRoom) {
  const TemporaryFolder folder;
  std::vector<std::string> warnings;
  Trainer trainer =
      small_trainer([&](Severity, const std::string& text) { warnings.push_back(text); });
  const Dataset data = small_data();
  LogRunOptions options;
  options.metrics_every = 5;
  options.train = data;
  options.validation = small_data(64, 2);
  std::optional<FullBehind> full;
  // Room for a part of the next row.
  const Callback fill{.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == 12) full.emplace(fs::file_size(folder / "metrics.jsonl") + 20);
    if (event.step == 17) full.reset();
  }};
  trainer.fit(
      data, {.epochs = 2, .batch_size = 32, .callbacks = {fill, log_run(folder.path(), options)}});
  std::vector<std::string> rows;
  for (const MetricsRow& row : read_metrics(folder.path()))
    rows.push_back(row.event + " " + std::to_string(row.step));
  EXPECT_THAT(rows,
              ::testing::ElementsAre("batch 1", "batch 5", "batch 10", "epoch 10", "evaluation 10",
                                     "batch 20", "epoch 20", "evaluation 20"));
  const ByteVector text = read_bytes(folder / "metrics.jsonl");
  EXPECT_EQ(std::count(text.begin(), text.end(), std::byte{'\n'}), std::ssize(rows));
  EXPECT_EQ(text.back(), std::byte{'\n'});
  for (const fs::path& file : event_files_in(folder.path()))
    EXPECT_EQ(read_events(read_bytes(file)).bytes, fs::file_size(file));
  ASSERT_EQ(warnings.size(), 2U);
  for (const std::string& warning : warnings)
    EXPECT_THAT(warning, AllOf(HasSubstr("make room"), HasSubstr("the run goes on without it")));
}

}  // namespace
}  // namespace evenkeel::test
