// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void touch(const fs::path& path) { test::write_bytes(path, test::bytes_of("x")); }

void save_checkpoint(const fs::path& path) {
  Trainer trainer(Sequential("tiny", image(2, 2, 1)).flatten().dense(2).build(),
                  softmax_cross_entropy(), Adam{}, {.threads = 1});
  trainer.save(path);
}

void ignore(const std::string&) {}

TEST(RunFolder, NumbersGoOnBehindTheLast) {
  const test::TemporaryFolder folder;
  const fs::path runs = folder / "runs";
  EXPECT_EQ(make_next_run_folder(runs, "mnist-cnn"), runs / "001-mnist-cnn");
  EXPECT_EQ(make_next_run_folder(runs, "other"), runs / "002-other");
  fs::create_directory(runs / "041-old");
  fs::create_directory(runs / "notes");
  fs::create_directory(runs / "99x-no-number");
  EXPECT_EQ(make_next_run_folder(runs, "mnist-cnn"), runs / "042-mnist-cnn");
  EXPECT_TRUE(fs::is_directory(runs / "042-mnist-cnn"));
}

TEST(RunFolder, CheckpointsAreNamedByStepsAndFoundNewestFirst) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(checkpoint_path("run", 858), fs::path("run") / "step-00000858.safetensors");
  EXPECT_THAT(checkpoints_in(folder.path()), IsEmpty());
  for (const char* name :
       {"step-00000858.safetensors", "step-00000429.safetensors", "step-123456789.safetensors",
        "step-858.safetensors", "step-0000085x.safetensors", "step-.safetensors", "best.json",
        ".step-00000999.safetensors.tmp-7"})
    touch(folder / name);
  EXPECT_THAT(checkpoints_in(folder.path()), ElementsAre(checkpoint_path(folder.path(), 123456789),
                                                         checkpoint_path(folder.path(), 858),
                                                         checkpoint_path(folder.path(), 429)));
  EXPECT_THAT(checkpoints_in(folder / "nowhere"), IsEmpty());
}

TEST(RunFolder, ADamagedCheckpointIsToldAndTheOneBeforeTaken) {
  const test::TemporaryFolder folder;
  std::string told;
  const auto tell = [&](const std::string& text) { told += text; };
  EXPECT_FALSE(newest_good_checkpoint(folder.path(), tell));
  save_checkpoint(checkpoint_path(folder.path(), 1));
  touch(checkpoint_path(folder.path(), 2));
  EXPECT_EQ(newest_good_checkpoint(folder.path(), tell)->path, checkpoint_path(folder.path(), 1));
  EXPECT_THAT(told, HasSubstr("step-00000002.safetensors"));

  fs::remove(checkpoint_path(folder.path(), 1));
  EXPECT_THROW(newest_good_checkpoint(folder.path(), tell), DataError);
}

TEST(RunFolder, CheckpointsOfLaterStepsAreSetAsideAndDamagedOnesNamed) {
  const test::TemporaryFolder folder;
  const fs::path aside = folder / "abandoned";
  EXPECT_THAT(set_aside_checkpoints_after(folder.path(), 0), IsEmpty());
  EXPECT_FALSE(fs::exists(aside));
  touch(checkpoint_path(folder.path(), 4));
  save_checkpoint(checkpoint_path(folder.path(), 8));
  touch(checkpoint_path(folder.path(), 12));
  EXPECT_THAT(set_aside_checkpoints_after(folder.path(), 4),
              ElementsAre(SetAside{checkpoint_path(aside, 12), true},
                          SetAside{checkpoint_path(aside, 8), false}));
  EXPECT_THAT(checkpoints_in(folder.path()), ElementsAre(checkpoint_path(folder.path(), 4)));
}

TEST(RunFolder, WhatIsSetAsideGoesOverNothing) {
  const test::TemporaryFolder folder;
  const fs::path aside = folder / "abandoned";
  const std::vector<std::string> places = {
      "step-00000012.safetensors", "step-00000012.1.safetensors", "step-00000012.2.safetensors"};
  for (const std::string& place : places) {
    test::write_bytes(checkpoint_path(folder.path(), 12), test::bytes_of(place));
    EXPECT_THAT(set_aside_checkpoints_after(folder.path(), 4),
                ElementsAre(SetAside{aside / place, true}));
  }
  for (const std::string& place : places)
    EXPECT_EQ(test::read_bytes(aside / place), test::bytes_of(place));
}

TEST(RunFolder, HoldsNothingBeforeARunCouldTrain) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(holds_nothing(folder.path()));
  for (const char* name : {"lock", ".run.json.tmp-41", "run.json"}) {
    touch(folder / name);
    EXPECT_TRUE(holds_nothing(folder.path())) << name;
  }
  for (const char* name : {"recipe.toml", "metrics.jsonl", "step-00000001.safetensors", "notes"}) {
    touch(folder / name);
    EXPECT_FALSE(holds_nothing(folder.path())) << name;
    fs::remove(folder / name);
  }
}

TEST(RunFolder, ForgetsItsBest) {
  const test::TemporaryFolder folder;
  remove_best(folder.path());  // of nothing
  write_best(folder.path(), {8, 0.5, 1.5});
  remove_best(folder.path());
  EXPECT_FALSE(read_best(folder.path()));
}

TEST(RunFolder, OpensAFileOrAFolder) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(open_checkpoint(folder.path(), ignore), DataError);
  EXPECT_THROW(open_checkpoint(folder / "nowhere", ignore), DataError);
  save_checkpoint(checkpoint_path(folder.path(), 3));
  EXPECT_EQ(open_checkpoint(folder.path(), ignore).path, checkpoint_path(folder.path(), 3));
  EXPECT_EQ(open_checkpoint(checkpoint_path(folder.path(), 3), ignore).checkpoint.network.name(),
            "tiny");
}

TEST(RunFolder, RemovesOnlyWhatAKilledSaveLeft) {
  const test::TemporaryFolder folder;
  for (const char* name : {".step-00000002.safetensors.tmp-41", ".best.json.tmp-41", ".hidden",
                           "step-00000001.safetensors"})
    touch(folder / name);
  remove_unfinished(folder.path());
  EXPECT_FALSE(fs::exists(folder / ".step-00000002.safetensors.tmp-41"));
  EXPECT_FALSE(fs::exists(folder / ".best.json.tmp-41"));
  EXPECT_TRUE(fs::exists(folder / ".hidden"));
  EXPECT_TRUE(fs::exists(folder / "step-00000001.safetensors"));
}

TEST(RunFolder, RemovesCheckpointsButTheLastTheBestAndWhatIsNotItsOwn) {
  const test::TemporaryFolder folder;
  for (const std::int64_t step : {10, 20, 30, 40, 50, 60})
    touch(checkpoint_path(folder.path(), step));
  const std::vector<std::string> others = {"step-000000015.safetensors", "step-15.safetensors",
                                           "step-00000015.safetensors.bak", "mine.safetensors"};
  for (const std::string& name : others) touch(folder / name);
  fs::create_directory(folder / "step-00000011.safetensors");
  fs::create_symlink(folder / "mine.safetensors", folder / "step-00000012.safetensors");
  const auto left = [&] {
    std::vector<std::int64_t> steps;
    for (std::int64_t step = 10; step <= 60; step += 10)
      if (fs::exists(checkpoint_path(folder.path(), step))) steps.push_back(step);
    return steps;
  };
  write_best(folder.path(), {20, 0.9, 0.1});
  remove_old_checkpoints(folder.path(), 50, 0);
  EXPECT_THAT(left(), ElementsAre(10, 20, 30, 40, 50, 60));
  // 60 is of a future that a resumed run has not reached: it neither counts nor goes.
  remove_old_checkpoints(folder.path(), 50, 2);
  EXPECT_THAT(left(), ElementsAre(20, 40, 50, 60));
  touch(folder / "best.json");  // damaged: which one is the best?
  remove_old_checkpoints(folder.path(), 60, 1);
  EXPECT_THAT(left(), ElementsAre(20, 40, 50, 60));
  write_best(folder.path(), {40, 0.9, 0.1});
  remove_old_checkpoints(folder.path(), 60, 1);
  EXPECT_THAT(left(), ElementsAre(40, 60));
  fs::remove(folder / "best.json");
  remove_old_checkpoints(folder.path(), 60, 1);
  EXPECT_THAT(left(), ElementsAre(60));
  for (const std::string& name : others) EXPECT_TRUE(fs::exists(folder / name)) << name;
  EXPECT_TRUE(fs::is_directory(folder / "step-00000011.safetensors"));
  EXPECT_TRUE(fs::is_symlink(folder / "step-00000012.safetensors"));
}

TEST(RunFolder, BestIsTheMoreAccurateThenTheSmallerLoss) {
  EXPECT_TRUE(better({0.5, 0.1, 1, 10}, std::nullopt));
  EXPECT_TRUE(better({0.5, 0.9, 9, 10}, Best{1, 0.8, 0.1}));
  EXPECT_FALSE(better({0.1, 0.7, 7, 10}, Best{1, 0.8, 0.5}));
  EXPECT_TRUE(better({0.1, 0.8, 8, 10}, Best{1, 0.8, 0.5}));
  EXPECT_FALSE(better({0.5, 0.8, 8, 10}, Best{1, 0.8, 0.5}));
}

TEST(RunFolder, BestAndNotesComeBackAsWritten) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(read_best(folder.path()));
  write_best(folder.path(), {858, 0.991, 0.0321});
  const auto best = read_best(folder.path());
  ASSERT_TRUE(best);
  EXPECT_EQ(best->step, 858);
  EXPECT_EQ(best->accuracy, 0.991);
  EXPECT_EQ(best->loss, 0.0321);
  touch(folder / "best.json");
  EXPECT_FALSE(read_best(folder.path()));

  EXPECT_THAT(read_run_notes(folder.path()), IsEmpty());
  const Notes notes = {{"data", "mnist"}, {"odd", "\"\n\xC3\xA9"}};
  write_run_notes(folder.path(), notes);
  EXPECT_EQ(read_run_notes(folder.path()), notes);
  touch(folder / "run.json");
  EXPECT_THROW(read_run_notes(folder.path()), DataError);
}

}  // namespace
}  // namespace evenkeel
