// SPDX-License-Identifier: Apache-2.0
// A resumed run continues to the same bytes as one that never stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <thread>

#include "evenkeel/base/random.h"
#include "evenkeel/train/metrics_log.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kLast = "step-00000030.safetensors";

TEST(Resume, GoesOnToTheSameBytes) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("whole", 2)).code, 0);
  ASSERT_EQ(run.run(TinyRun::train("parts", 1)).code, 0);
  ASSERT_EQ(run.run(TinyRun::resume("parts", {"--epochs", "2"})).code, 0);
  EXPECT_EQ(run.bytes(std::string("whole/") + kLast), run.bytes(std::string("parts/") + kLast));
  EXPECT_EQ(run.bytes("whole/best.json"), run.bytes("parts/best.json"));
}

TEST(Resume, FromTheMiddleOfAnEpochToTheSameBytes) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("whole", 2, {"--save-every", "4", "--keep", "0"})).code, 0);
  fs::copy(run.path("whole"), run.path("parts"));
  for (const char* name : {"step-00000024.safetensors", "step-00000028.safetensors", kLast})
    fs::remove(run.path("parts") / name);
  ASSERT_EQ(run.run(TinyRun::resume("parts")).code, 0);
  EXPECT_EQ(run.bytes(std::string("whole/") + kLast), run.bytes(std::string("parts/") + kLast));
  // A checkpoint by name goes on in its folder too; --out takes another.
  ASSERT_EQ(run.run(TinyRun::resume("whole/step-00000004.safetensors", {"--out", "new"})).code, 0);
  EXPECT_EQ(run.bytes(std::string("whole/") + kLast), run.bytes(std::string("new/") + kLast));
}

TEST(Resume, ADamagedNewestCheckpointIsToldAndTheOneBeforeTaken) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 2)).code, 0);
  const std::string last = std::string("out/") + kLast;
  const ByteVector whole = run.bytes(last);
  fs::resize_file(run.path(last), 1000);
  // By name it is refused, by folder the one before is taken.
  EXPECT_EQ(run.run(TinyRun::resume(last)).code, 3);
  const Outcome outcome = run.run(TinyRun::resume("out"));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("damaged"), HasSubstr(kLast)));
  EXPECT_EQ(run.bytes(last), whole);
}

TEST(Resume, AFinishedRunIsEvaluatedAgain) {
  TinyRun run;
  const Outcome first = run.run(TinyRun::train("out", 1));
  const Outcome again = run.run(TinyRun::resume("out"));
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(lines_of(again.out).back(), lines_of(first.out).back());
}

TEST(Resume, AFolderWithoutACheckpointStartsFromTheBeginning) {
  TinyRun run;
  fs::create_directory(run.path("empty"));
  // The reference network from its first step; the settings are those given.
  const Outcome outcome =
      run.run(TinyRun::resume("empty", {"--data", "mnist", "--batch", "200", "--epochs", "1"}));
  EXPECT_EQ(outcome.code, 2);  // a batch larger than the data: so it did begin
  EXPECT_THAT(outcome.err, HasSubstr("121 images"));
}

TEST(Resume, TakesTheSettingsThatTheFolderWasStartedWith) {
  TinyRun run;
  write_bytes(run.path("out/run.json"), bytes_of(R"({"batch": "200", "data": "mnist"})"));
  const Outcome outcome = run.run(TinyRun::resume("out"));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("batch size 200"));
}

TEST(Resume, RefusesWhatContradictsTheRunAndNamesBoth) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  struct Contradiction {
    std::vector<std::string> words;
    const char* before;
    const char* now;
  };
  const std::vector<Contradiction> cases = {
      {{"--batch", "16"}, "expected 8", "got 16"},
      {{"--seed", "7"}, "expected 1", "got 7"},
      {{"--data", "fashion-mnist"}, "expected mnist", "got fashion-mnist"},
      {{"--precision", "f64"}, "expected f32", "got f64"},
      {{"--adam-form", "pytorch"}, "expected tensorflow", "got pytorch"},
      {{"mnist-cnn"}, "expected tiny", "got mnist-cnn"},
  };
  for (const Contradiction& wrong : cases) {
    const Outcome outcome = run.run(TinyRun::resume("out", wrong.words));
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr(wrong.before), HasSubstr(wrong.now)));
  }
  ASSERT_EQ(run.run(TinyRun::resume("out", {"--epochs", "2"})).code, 0);
  EXPECT_EQ(run.run(TinyRun::resume("out", {"--epochs", "1"})).code, 2);
}

TEST(Resume, OtherThreadsAreSaid) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  const Outcome outcome =
      run.run(TinyRun::resume("out", {"--threads", "3", "--epochs", "2", "--quiet"}));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("warning:"), HasSubstr("1 thread"), HasSubstr("3 threads")));
}

TEST(Resume, OnImagesOfAnotherSizeMakesNoFolder) {
  TinyRun run;
  const Model model = Sequential("small", image(20, 20, 1)).flatten().dense(10).build();
  Trainer(model, softmax_cross_entropy(), Adam{}, {.seed = 1}).save(run.path("small.safetensors"));
  const Outcome outcome = run.run({"train", "--resume", "small.safetensors", "--data", "mnist",
                                   "--data-dir", "sets", "--batch", "8", "--out", "out"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("[20,20,1]"), HasSubstr("[28,28,1]")));
  EXPECT_FALSE(fs::exists(run.path("out")));
}

TEST(Resume, DoesNotMixTwoRunsInOneFolder) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("a", 1)).code, 0);
  ASSERT_EQ(run.run(TinyRun::train("b", 1)).code, 0);
  const Outcome outcome = run.run(TinyRun::resume("a", {"--out", "b"}));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("another run"));
}

bool wait_for(const fs::path& path) {
  for (int i = 0; i < 6000 && !fs::exists(path); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return fs::exists(path);
}

TEST(Interrupt, SavesAndEndsWith130) {
  for (const int signal : {SIGINT, SIGTERM}) {
    TinyRun run;
    // An epoch's checkpoint says that it trains.
    const pid_t process = run.start(TinyRun::train("out", 1000000, {"--eval-every", "0"}));
    ASSERT_TRUE(wait_for(run.path("out/step-00000015.safetensors")));
    ASSERT_EQ(::kill(process, signal), 0);
    const Outcome outcome = run.finish(process);
    EXPECT_EQ(outcome.code, 130);
    EXPECT_THAT(outcome.err, HasSubstr("train --resume out"));
    const std::string saved = "saved out/step-";
    const std::size_t at = outcome.err.rfind(saved);
    ASSERT_NE(at, std::string::npos);
    EXPECT_TRUE(fs::exists(run.path(outcome.err.substr(at + 6, 29))));
    EXPECT_EQ(run.run({"evaluate", "out", "--data-dir", "sets"}).code, 0);
  }
}

bool has_checkpoint(const fs::path& folder) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().filename().string().starts_with("step-")) return true;
  return false;
}

// oneDNN's matmul lets the stack pointer of a computing thread point into its operands: a handler
// that ran there would write over them.
TEST(Interrupt, SignalsAreBlockedOnEveryThreadThatComputes) {
  TinyRun run;
  std::vector<std::string> words = TinyRun::train("out", 1000000, {"--quiet"});
  *(std::find(words.begin(), words.end(), "--threads") + 1) = "2";
  const pid_t process = run.start(words);
  for (int i = 0; i < 6000 && !fs::exists(run.path("out/step-00000015.safetensors")); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  int threads = 0;
  int open = 0;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:")) continue;
      const std::uint64_t blocked = std::stoull(line.substr(7), nullptr, 16);
      constexpr std::uint64_t kBoth = 1U << (SIGINT - 1) | 1U << (SIGTERM - 1);
      open += (blocked & kBoth) == kBoth ? 0 : 1;
      ++threads;
    }
  }
  EXPECT_GE(threads, 2);
  EXPECT_EQ(open, 1) << "the one that waits for them";
  ::kill(process, SIGTERM);
  EXPECT_EQ(run.finish(process).code, 130);
}

// Flags that are only on or off are the run's where they are not typed again.
TEST(Resume, TakesNesterovFromTheRun) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 132, 20);
  const Outcome first = line.run({"train",       "mlp",
                                  "--data",      "mnist",
                                  "--data-dir",  "sets",
                                  "--batch",     "32",
                                  "--epochs",    "1",
                                  "--optimizer", "sgd",
                                  "--momentum",  "0.9",
                                  "--nesterov",  "--schedule",
                                  "step",        "--schedule-every",
                                  "2",           "--schedule-factor",
                                  "0.5",         "--warm-up",
                                  "1",           "--weight-decay",
                                  "0.001",       "--clip-norm",
                                  "5",           "--threads",
                                  "1",           "--out",
                                  "out"});
  ASSERT_EQ(first.code, 0) << first.err;
  const Outcome again =
      line.run({"train", "--resume", "out", "--data-dir", "sets", "--epochs", "2"});
  EXPECT_EQ(again.code, 0) << again.err;
}

// With a checkpoint after each step, most of the time goes into saving.
TEST(SlowKill, AtAnyMomentResumesToTheSameBytes) {
  TinyRun run;
  const std::vector<std::string> every = {"--save-every", "1", "--set", "run.metrics_every=1",
                                          "--quiet"};
  ASSERT_EQ(run.run(TinyRun::train("whole", 2, every)).code, 0);
  const Random random(1, Purpose::test, 42);
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::string out = "killed-" + std::to_string(i);
    auto words = TinyRun::train(out, 2, every);
    for (int attempt = 0; attempt < 2; ++attempt) {
      const pid_t process = run.start(words);
      std::this_thread::sleep_for(std::chrono::milliseconds(
          random.below(2 * i + static_cast<std::uint64_t>(attempt), 250)));
      ::kill(process, SIGKILL);
      run.finish(process);
      // Killed before its first checkpoint, it starts as it did.
      if (has_checkpoint(run.path(out))) {
        words = TinyRun::resume(out, every);
        continue;
      }
      // The second checkpoint waits for the first, so that one is there before the third step ends.
      EXPECT_LE(std::ssize(read_metrics(run.path(out))), 2) << out;
      fs::remove_all(run.path(out));
    }
    ASSERT_EQ(run.run(words).code, 0) << out;
    EXPECT_EQ(run.bytes(std::string("whole/") + kLast), run.bytes(out + "/" + kLast)) << out;
    EXPECT_EQ(run.bytes("whole/best.json"), run.bytes(out + "/best.json")) << out;
  }
}

}  // namespace
}  // namespace evenkeel::test
