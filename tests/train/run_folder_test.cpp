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
