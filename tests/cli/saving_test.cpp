// SPDX-License-Identifier: Apache-2.0
// --save-every and --keep: which checkpoints `train` writes beside training, and which stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "evenkeel/train/run_folder.h"
#include "tests/cli/tiny_run.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The steps of a folder's checkpoints, the newest first; every file must be one that a run writes.
std::vector<std::int64_t> steps_in(const fs::path& folder) {
  std::vector<std::int64_t> steps;
  for (const fs::path& path : checkpoints_in(folder))
    steps.push_back(std::stoll(path.filename().string().substr(5)));
  return steps;
}

bool has_unfinished(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(".")) return true;
  return false;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(Saving, TakesStepsAndTimes) {
  TinyRun run;
  for (const char* every : {"0", "500", "500steps", "60s", "5m", "1.5m", "2h"}) {
    EXPECT_EQ(run.run(TinyRun::train(every, 1, {"--save-every", every})).code, 0) << every;
    EXPECT_THAT(steps_in(run.path(every)), ElementsAre(15)) << every;
  }
  EXPECT_EQ(run.run(TinyRun::train("7", 1, {"--save-every", "7steps"})).code, 0);
  EXPECT_THAT(steps_in(run.path("7")), ElementsAre(15, 14, 7));
}

TEST(Saving, SaysWhatItTakesForNonsense) {
  CommandLine line;
  for (const std::string text :
       {"-1",           "+5",  "1.5", "1.5steps", "ten",         "s",
        "steps",        "0s",  "-1s", "5 m",      "5min",        "60S",
        "1..5s",        "1e3", "nan", "infs",     "99999999999", "99999999999999999999",
        "99999999999h", ".s",  "5mm", "5s5"}) {
    const Outcome outcome = line.run({"train", "--save-every=" + text});
    EXPECT_EQ(outcome.code, 2) << text;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("--save-every"), HasSubstr("as 60s, 5m"),
                                   HasSubstr("got '" + text + "'")));
  }
}

TEST(Saving, KeepsTheLastOnesAndTheBest) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("all", 3, {"--save-every", "4", "--keep", "0"})).code, 0);
  EXPECT_THAT(steps_in(run.path("all")),
              ElementsAre(45, 44, 40, 36, 32, 30, 28, 24, 20, 16, 15, 12, 8, 4));
  ASSERT_EQ(run.run(TinyRun::train("some", 3, {"--save-every", "4steps"})).code, 0);
  ASSERT_EQ(run.run(TinyRun::train("few", 3, {"--save-every", "4", "--keep", "2"})).code, 0);
  const auto best = read_best(run.path("all"));
  ASSERT_TRUE(best);
  const auto with_best = [&](std::vector<std::int64_t> steps) {
    if (std::find(steps.begin(), steps.end(), best->step) == steps.end())
      steps.push_back(best->step);
    return steps;
  };
  EXPECT_EQ(steps_in(run.path("some")), with_best({45, 44, 40, 36, 32}));
  EXPECT_EQ(steps_in(run.path("few")), with_best({45, 44}));
  EXPECT_EQ(run.bytes("few/best.json"), run.bytes("all/best.json"));
  EXPECT_EQ(run.bytes("few/step-00000045.safetensors"), run.bytes("all/step-00000045.safetensors"));
}

TEST(Saving, AResumedRunCleansUpInTheSameWay) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1, {"--save-every", "2", "--keep", "0"})).code, 0);
  EXPECT_EQ(steps_in(run.path("out")).size(), 8U);
  write_bytes(run.path("out/notes.safetensors"), bytes_of("mine"));
  // Nothing goes before something newer is there.
  ASSERT_EQ(run.run(TinyRun::resume("out", {"--keep", "1"})).code, 0);
  EXPECT_EQ(steps_in(run.path("out")).size(), 8U);
  ASSERT_EQ(run.run(TinyRun::resume("out", {"--keep", "1", "--epochs", "2"})).code, 0);
  const auto steps = steps_in(run.path("out"));
  const auto best = read_best(run.path("out"));
  ASSERT_TRUE(best);
  EXPECT_EQ(steps, best->step == 30 ? std::vector<std::int64_t>{30}
                                    : (std::vector<std::int64_t>{30, best->step}));
  EXPECT_TRUE(fs::exists(run.path("out/notes.safetensors")));
}

TEST(Saving, ADiskThatFillsUpLosesNoCheckpoint) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1, {"--save-every", "7"})).code, 0);
  const auto before = steps_in(run.path("out"));
  ASSERT_THAT(before, ElementsAre(15, 14, 7));
  std::string command = "trap '' XFSZ; ulimit -f 8; exec " + std::string(test::kBinary);
  for (const std::string& word :
       TinyRun::resume("out", {"--epochs", "2", "--save-every", "1", "--keep", "1"}))
    command += " " + word;
  const Outcome outcome = run.run_program({"/bin/sh", "-c", command});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(count_of(outcome.err, "training goes on"), 1U) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("step-00000030.safetensors"));
  EXPECT_EQ(steps_in(run.path("out")), before);
  EXPECT_FALSE(has_unfinished(run.path("out")));
  EXPECT_EQ(run.run(TinyRun::resume("out")).code, 0);
}

bool wait_until(const auto& condition) {
  for (int i = 0; i < 6000 && !condition(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

TEST(Saving, ByTime) {
  TinyRun run;
  write_idx_set(run.path("sets"), "mnist", 4400, 20);  // 500 steps: time for more than the end
  ASSERT_EQ(run.run(TinyRun::train("out", 1, {"--save-every", "0.001s", "--keep", "0"})).code, 0);
  EXPECT_GT(steps_in(run.path("out")).size(), 1U);
  ASSERT_EQ(run.run(TinyRun::train("seldom", 1, {"--save-every", "1h"})).code, 0);
  EXPECT_EQ(steps_in(run.path("seldom")).size(), 1U);
}

TEST(Saving, ASignalDuringABackgroundWriteLeavesAGoodCheckpoint) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int i = 0; i < 4; ++i) {
    TinyRun run;
    // After each step: one is always being written.
    const pid_t process = run.start(TinyRun::train(
        "out", 1000000, {"--save-every", "1", "--eval-every", "0", "--keep", "0", "--quiet"}));
    const bool begun = wait_until([&] { return steps_in(run.path("out")).size() >= 3; });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
    ::kill(process, i % 2 == 0 ? SIGTERM : SIGINT);
    const Outcome outcome = run.finish(process);
    ASSERT_TRUE(begun);
    EXPECT_EQ(outcome.code, 130) << "seed " << seed << ": " << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("train --resume out"));
    EXPECT_FALSE(has_unfinished(run.path("out"))) << "seed " << seed;
    const auto steps = steps_in(run.path("out"));
    EXPECT_THAT(outcome.err, HasSubstr("after step " + std::to_string(steps.front()) + ","));
    EXPECT_EQ(steps.size(), static_cast<std::size_t>(steps.front())) << "one is missing";
    for (const fs::path& path : checkpoints_in(run.path("out")))
      EXPECT_NO_THROW(Checkpoint::read(path)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace evenkeel::test
