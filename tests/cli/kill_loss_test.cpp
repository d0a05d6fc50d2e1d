// SPDX-License-Identifier: Apache-2.0
// How much a run loses that is killed without warning.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "evenkeel/base/random.h"
#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/run_folder.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStepsBetween = 7;
constexpr int kSavesBefore = 5;

std::int64_t step_of_checkpoint(const fs::path& path) {
  return std::stoll(path.filename().string().substr(5));
}

// 0 where there is none.
std::int64_t newest_step(const fs::path& folder) {
  const auto paths = checkpoints_in(folder);
  return paths.empty() ? 0 : step_of_checkpoint(paths.front());
}

bool wait_for_step(const fs::path& folder, std::int64_t step) {
  for (int i = 0; i < 12000 && newest_step(folder) < step; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return newest_step(folder) >= step;
}

// A step's row is written before its checkpoint is begun, which first waits for the one before: of
// the last row's step, that of two saves earlier is on disk.
TEST(SlowKill, LosesAtMostTheStepsBetweenTwoSavesAndThoseOfOneWrite) {
  TinyRun run;
  write_idx_set(run.path("sets"), "mnist", 4400, 20);  // an epoch of 504 steps
  const fs::path out = run.path("out");
  auto words = TinyRun::train("out", 1000000,
                              {"--save-every", std::to_string(kStepsBetween), "--eval-every", "0",
                               "--set", "run.metrics_every=1", "--quiet"});
  const Random random(1, Purpose::test, 43);
  for (std::uint64_t i = 0; i < 10; ++i) {
    const std::int64_t before = newest_step(out);
    const pid_t process = run.start(words);
    const bool saved = wait_for_step(out, before + kSavesBefore * kStepsBetween);
    std::this_thread::sleep_for(std::chrono::milliseconds(random.below(i, 60)));
    ::kill(process, SIGKILL);
    EXPECT_EQ(run.finish(process).code, -SIGKILL);
    ASSERT_TRUE(saved);
    const auto rows = read_metrics(out);
    ASSERT_FALSE(rows.empty());
    const auto found = newest_good_checkpoint(out, [](const std::string& damage) {
      ADD_FAILURE() << "a checkpoint has its name once it is whole: " << damage;
    });
    ASSERT_TRUE(found);
    EXPECT_LE(rows.back().step - step_of_checkpoint(found->path), 2 * kStepsBetween) << i;
    words = TinyRun::resume("out", {"--quiet"});
  }
}

// As with steps: the interval, and what a write takes, for which there is as much again. A
// checkpoint's header is the last that is written of it.
TEST(SlowKill, LosesAtMostTheSecondsBetweenTwoSavesAndThoseOfOneWrite) {
  constexpr auto kBetween = std::chrono::seconds(1);
  TinyRun run;
  write_idx_set(run.path("sets"), "mnist", 4400, 20);
  const fs::path out = run.path("out");
  auto words = TinyRun::train("out", 1000000,
                              {"--save-every", "1s", "--eval-every", "0", "--log-every", "0",
                               "--set", "run.metrics_every=1", "--quiet"});
  const Random random(1, Purpose::test, 44);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const std::int64_t before = newest_step(out);
    const pid_t process = run.start(words);
    const bool saved = wait_for_step(out, before + 1) && wait_for_step(out, newest_step(out) + 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(random.below(i, 950)));
    ::kill(process, SIGKILL);
    const auto killed = fs::file_time_type::clock::now();
    EXPECT_EQ(run.finish(process).code, -SIGKILL);
    ASSERT_TRUE(saved);
    const auto found = newest_good_checkpoint(out, [](const std::string&) {});
    ASSERT_TRUE(found);
    EXPECT_LE(killed - fs::last_write_time(found->path), 2 * kBetween) << i;
    words = TinyRun::resume("out", {"--quiet"});
  }
}

}  // namespace
}  // namespace evenkeel::test
