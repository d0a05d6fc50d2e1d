// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/checkpoint_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "evenkeel/base/error.h"
#include "evenkeel/train/checkpoint.h"
#include "tests/support/idx_files.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using test::small_data;
using test::small_trainer;
using ::testing::HasSubstr;

TEST(CheckpointWriter, WritesTheBytesOfASynchronousSaveWhileTrainingGoesOn) {
  const test::TemporaryFolder folder;
  Trainer trainer = small_trainer();
  CheckpointWriter writer;
  const auto path = [&](const char* how, const Trainer& at) {
    return folder / (how + std::to_string(at.completed_steps()));
  };
  Callback both{.on_batch = [&](Trainer& at, const BatchEvent&) {
    at.save(path("now", at));
    writer.save(at, path("beside", at));
  }};
  trainer.fit(small_data(), {.epochs = 3, .batch_size = 32, .callbacks = {both}});
  writer.wait();
  EXPECT_TRUE(writer.idle());
  for (int step = 1; step <= trainer.completed_steps(); ++step) {
    const std::string number = std::to_string(step);
    EXPECT_TRUE(test::read_bytes(folder / ("now" + number)) ==
                test::read_bytes(folder / ("beside" + number)))
        << step;
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()),
            2 * trainer.completed_steps());
}

// The thread that writes waits for steps that come after the save: were it training's own, they
// never would.
TEST(CheckpointWriter, TrainingStepsWhileTheWriterIsHeldAndTheFileIsOfTheStepBefore) {
  const test::TemporaryFolder folder;
  std::promise<void> later_step;
  bool came = false;
  CheckpointWriter writer;
  Callback save{.on_batch = [&](Trainer& at, const BatchEvent& event) {
    if (event.step == 2) {
      at.save(folder / "now");
      const auto hold = [&, until = later_step.get_future().share()] {
        came = until.wait_for(std::chrono::minutes(1)) == std::future_status::ready;
      };
      writer.save(at, folder / "beside", {}, hold);
    }
    if (event.step == 5) {
      EXPECT_FALSE(writer.idle());
      EXPECT_FALSE(fs::exists(folder / "beside"));
      later_step.set_value();
    }
  }};
  Trainer trainer = small_trainer();
  trainer.fit(small_data(), {.epochs = 1, .batch_size = 32, .callbacks = {save}});
  writer.wait();
  EXPECT_TRUE(came);
  EXPECT_TRUE(test::read_bytes(folder / "now") == test::read_bytes(folder / "beside"));
}

TEST(CheckpointWriter, CallsBackOnceTheFileIsThere) {
  const test::TemporaryFolder folder;
  const Trainer trainer = small_trainer();
  bool was_there = false;
  CheckpointWriter writer;
  writer.save(trainer, folder / "file", [&] { was_there = fs::exists(folder / "file"); });
  writer.wait();
  EXPECT_TRUE(was_there);
}

TEST(CheckpointWriter, AFaultIsHeardAtTheNextCallAndOnce) {
  const test::TemporaryFolder folder;
  const Trainer trainer = small_trainer();
  fs::create_directory(folder / "taken");  // a file cannot take its name
  bool called = false;
  CheckpointWriter writer;
  writer.save(trainer, folder / "taken", [&] { called = true; });
  try {
    writer.save(trainer, folder / "file");
    ADD_FAILURE() << "expected the fault of the one before";
  } catch (const RuntimeFailure& error) {
    EXPECT_THAT(error.what(), HasSubstr((folder / "taken").string()));
  }
  EXPECT_FALSE(called);
  EXPECT_TRUE(writer.idle());
  writer.save(trainer, folder / "file");
  writer.wait();
  EXPECT_TRUE(fs::exists(folder / "file"));

  writer.save(trainer, folder / "taken");
  EXPECT_THROW(writer.wait(), RuntimeFailure);
  EXPECT_NO_THROW(writer.wait());
  EXPECT_THROW(writer.save(trainer, folder / "missing/file"), RuntimeFailure);
  EXPECT_TRUE(writer.idle());
}

TEST(CheckpointWriter, FinishesWhatIsUnderWayBeforeItGoes) {
  const test::TemporaryFolder folder;
  const Trainer trainer = small_trainer();
  { CheckpointWriter().save(trainer, folder / "file"); }
  EXPECT_NO_THROW(Checkpoint::read(folder / "file"));
}

}  // namespace
}  // namespace evenkeel
