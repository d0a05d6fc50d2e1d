// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/save_every.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/run_saver.h"
#include "tests/support/idx_files.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using test::small_data;
using test::small_trainer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void wait_for(const fs::path& path) {
  for (int i = 0; i < 6000 && !fs::exists(path); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

FitOptions epochs(std::int64_t count, std::vector<Callback> callbacks) {
  return {.epochs = count, .batch_size = 32, .callbacks = std::move(callbacks)};
}

TEST(SaveEvery, ByStepsKeepsTheLastAndSavesTheEnd) {
  const test::TemporaryFolder folder;
  const fs::path run = folder / "new/run";
  std::vector<std::int64_t> told;
  Trainer trainer = small_trainer();
  const Callback save = save_every(
      {.steps = 3}, run, {.keep_last = 2, .on_saved = [&](std::int64_t step, const fs::path& path) {
                            EXPECT_TRUE(fs::exists(path));
                            EXPECT_EQ(path, checkpoint_path(run, step));
                            told.push_back(step);
                          }});
  EXPECT_TRUE(trainer.fit(small_data(), epochs(1, {save})));
  EXPECT_THAT(told, ElementsAre(3, 6, 9, 10));
  EXPECT_THAT(names_in(run), ElementsAre("step-00000009.safetensors", "step-00000010.safetensors"));
  Trainer again = small_trainer();
  again.restore(checkpoint_path(run, 9));
  again.fit(small_data(), epochs(1, {}));
  again.save(folder / "end");
  EXPECT_TRUE(test::read_bytes(folder / "end") == test::read_bytes(checkpoint_path(run, 10)));
}

TEST(SaveEvery, KeepsAllWhenAskedTo) {
  const test::TemporaryFolder folder;
  Trainer trainer = small_trainer();
  trainer.fit(small_data(), epochs(1, {save_every({.steps = 1}, folder.path(), {.keep_last = 0})}));
  EXPECT_EQ(checkpoints_in(folder.path()).size(), 10U);
}

TEST(SaveEvery, ByTimePutsOffWhileOneIsBeingWritten) {
  const test::TemporaryFolder folder;
  std::vector<std::int64_t> told;
  Trainer trainer = small_trainer();
  trainer.fit(small_data(),
              epochs(20, {save_every({.seconds = 1e-9}, folder.path(),
                                     {.on_saved = [&](std::int64_t step, const fs::path&) {
                                       told.push_back(step);
                                     }})}));
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told.front(), 1);
  EXPECT_EQ(told.back(), 200);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));

  const test::TemporaryFolder other;
  Trainer patient = small_trainer();
  patient.fit(small_data(), epochs(2, {save_every({.seconds = 3600}, other.path())}));
  EXPECT_THAT(names_in(other.path()), ElementsAre("step-00000020.safetensors"));
}

// The thread that writes waits for a step that comes after its own.
TEST(SaveEvery, StepsAreTakenWhileACheckpointIsBeingWritten) {
  const test::TemporaryFolder folder;
  std::promise<void> later_step;
  bool came = true;
  RunSaver saver(folder.path(), {.steps = 4}, {});
  saver.sync_first([&, until = later_step.get_future().share()] {
    came = came && until.wait_for(std::chrono::minutes(1)) == std::future_status::ready;
  });
  Callback save{.on_batch = [&](Trainer& trainer, const BatchEvent& event) {
    saver.after_step(trainer);
    if (event.step != 7) return;
    EXPECT_THAT(checkpoints_in(folder.path()), IsEmpty());
    later_step.set_value();
  }};
  save.on_end = [&](Trainer& trainer) { saver.finish(trainer); };
  Trainer trainer = small_trainer();
  trainer.fit(small_data(), epochs(1, {save}));
  EXPECT_TRUE(came);
  EXPECT_THAT(checkpoints_in(folder.path()),
              ElementsAre(checkpoint_path(folder.path(), 10), checkpoint_path(folder.path(), 8),
                          checkpoint_path(folder.path(), 4)));
}

TEST(SaveEvery, TheBestByOtherImagesIsKept) {
  const test::TemporaryFolder folder;
  const Dataset validation = small_data(100, 7);
  std::optional<Best> expected;
  Callback look{.on_epoch = [&](Trainer& trainer, const BatchEvent& event) {
    // From the third epoch on it forgets: the second or third is the best for good.
    if (event.epoch >= 3) {
      Tensor kernel = trainer.state("dense2/kernel");
      for (float& value : kernel.values<float>()) value = 0;
      trainer.set_state("dense2/kernel", kernel);
    }
    const Evaluation evaluation = trainer.evaluate(validation);
    if (better(evaluation, expected))
      expected = Best{event.step, evaluation.accuracy, evaluation.loss};
  }};
  const Callback save = save_every({}, folder.path(), {.keep_last = 1, .best_of = validation});
  Trainer trainer = small_trainer();
  trainer.fit(small_data(), epochs(5, {look, save}));
  const auto best = read_best(folder.path());
  ASSERT_TRUE(best && expected);
  EXPECT_LE(best->step, 20);
  EXPECT_EQ(best->step, expected->step);
  EXPECT_EQ(best->accuracy, expected->accuracy);
  EXPECT_EQ(checkpoints_in(folder.path()),
            (std::vector{checkpoint_path(folder.path(), 50),
                         checkpoint_path(folder.path(), best->step)}));
  Trainer again = small_trainer();
  again.restore(checkpoint_path(folder.path(), best->step));
  EXPECT_EQ(again.evaluate(validation).loss, best->loss);
}

TEST(SaveEvery, AWriteThatFailsIsAWarningAndLosesNothing) {
  const test::TemporaryFolder folder;
  std::vector<std::string> warnings;
  Trainer trainer =
      small_trainer([&](Severity, const std::string& text) { warnings.push_back(text); });
  // A folder in its place fails beside training, a folder that is gone between two steps.
  fs::create_directory(checkpoint_path(folder / "run", 4).parent_path());
  fs::create_directory(checkpoint_path(folder / "run", 4));
  Callback away{.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == 11) {
      wait_for(checkpoint_path(folder / "run", 10));
      fs::rename(folder / "run", folder / "away");
    }
    if (event.step == 15) fs::rename(folder / "away", folder / "run");
  }};
  trainer.fit(small_data(),
              epochs(2, {away, save_every({.steps = 2}, folder / "run", {.keep_last = 2})}));
  ASSERT_EQ(warnings.size(), 2U) << "once for each row of faults";
  EXPECT_THAT(warnings[0],
              AllOf(HasSubstr("step-00000004.safetensors"), HasSubstr("training goes on")));
  EXPECT_THAT(warnings[1], HasSubstr("step-00000012.safetensors"));
  EXPECT_EQ(checkpoints_in(folder / "run").front(), checkpoint_path(folder / "run", 20));
  EXPECT_FALSE(fs::exists(checkpoint_path(folder / "run", 14)));
}

TEST(SaveEvery, TheLastOneMustSucceed) {
  const test::TemporaryFolder folder;
  Trainer trainer = small_trainer();
  const fs::path run = folder / "run";
  Callback away{.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step != 9) return;
    wait_for(checkpoint_path(run, 8));
    fs::rename(run, folder / "away");
  }};
  EXPECT_THROW(trainer.fit(small_data(), epochs(1, {away, save_every({.steps = 4}, run)})),
               RuntimeFailure);
  EXPECT_THAT(names_in(folder / "away"),
              ElementsAre("step-00000004.safetensors", "step-00000008.safetensors"));
  EXPECT_EQ(trainer.completed_steps(), 10);
}

TEST(SaveEvery, RefusesNegativeNumbersAndAFileAsFolder) {
  const test::TemporaryFolder folder;
  const fs::path run = folder / "run";
  EXPECT_THROW(save_every({.steps = -1}, run), InvalidArgument);
  EXPECT_THROW(save_every({.seconds = -1}, run), InvalidArgument);
  EXPECT_THROW(save_every({.seconds = std::numeric_limits<double>::quiet_NaN()}, run),
               InvalidArgument);
  EXPECT_THROW(save_every({.steps = 1}, run, {.keep_last = -1}), InvalidArgument);
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
  test::write_bytes(run, {});
  EXPECT_THROW(save_every({.steps = 1}, run), RuntimeFailure);
}

}  // namespace
}  // namespace evenkeel
