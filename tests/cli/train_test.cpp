// SPDX-License-Identifier: Apache-2.0
// What `train` prints and writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdlib>

#include "tests/cli/tiny_run.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(Train, PrintsTheClassicLineAndTheResult) {
  TinyRun run;
  const Outcome outcome = run.run(TinyRun::train("out", 2, {"--log-every", "7"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 2 * 3 + 2U);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_THAT(lines[i], MatchesRegex("Epoch [12]/2 - Batch (1|8|15)/15: "
                                       "loss = [0-9]+\\.[0-9]{4}, accuracy = [01]\\.[0-9]{4}"));
  EXPECT_THAT(lines[6], MatchesRegex("Test: loss = [0-9]\\.[0-9]{4}, accuracy = [01]\\.[0-9]{4} "
                                     "\\(20 images, moving statistics\\)"));
  EXPECT_EQ(lines[7], "Checkpoint: out/step-00000030.safetensors");
  EXPECT_THAT(outcome.err, HasSubstr("Epoch 2/2: validation loss"));
  // No progress bar in a pipe.
  EXPECT_THAT(outcome.err, Not(HasSubstr("\r")));
  EXPECT_THAT(outcome.err, Not(HasSubstr("\x1b")));
}

TEST(Train, EqualRunsWriteEqualFiles) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("a", 1)).code, 0);
  ASSERT_EQ(run.run(TinyRun::train("b", 1, {"--log-every", "1", "--eval-every", "0"})).code, 0);
  EXPECT_EQ(run.bytes("a/step-00000015.safetensors"), run.bytes("b/step-00000015.safetensors"));
}

TEST(Train, ProfileShowsPhasesAndSteps) {
  TinyRun run;
  const Outcome text = run.run(TinyRun::train("a", 1, {"--profile"}));
  EXPECT_THAT(text.out, HasSubstr("mean of 15 steps"));
  EXPECT_THAT(text.out, HasSubstr("bn1/moments"));
}

TEST(Train, DumpsGraphsToTheFolderInTheEnvironment) {
  TinyRun run;
  run.set("EVENKEEL_DUMP", run.path("dump"));
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  EXPECT_TRUE(fs::exists(run.path("dump/tiny-training-8-01-to_training.txt")));
}

TEST(Train, ALossThatIsNotFiniteEndsWithOneAndKeepsTheCheckpoint) {
  TinyRun run;
  const Outcome outcome = run.run(TinyRun::train("out", 2, {"--lr", "1e38", "--save-every", "1"}));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("not finite"));
  EXPECT_TRUE(fs::exists(run.path("out/step-00000001.safetensors")));
}

TEST(Train, ADiskThatIsFullEndsWithOneAndLeavesNoCheckpoint) {
  TinyRun run;
  std::string command = "trap '' XFSZ; ulimit -f 8; exec " + std::string(test::kBinary);
  for (const std::string& word : TinyRun::train("out", 1)) command += " " + word;
  const Outcome outcome = run.run_program({"/bin/sh", "-c", command});
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("step-00000015.safetensors"));
  for (const auto& entry : fs::directory_iterator(run.path("out"))) {
    const std::string name = entry.path().filename();
    EXPECT_FALSE(name.starts_with("step-") || name.starts_with(".")) << name;
  }
}

TEST(Train, ProgressIsShownOnATerminal) {
  TinyRun run;
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(::grantpt(terminal) + ::unlockpt(terminal), 0);
  struct winsize size {};
  size.ws_col = 60;
  ASSERT_EQ(::ioctl(terminal, TIOCSWINSZ, &size), 0);
  run.redirect_errors(::ptsname(terminal));
  // Held open, so that what was written stays to be read.
  const int other_end = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  ASSERT_EQ(run.run(TinyRun::train("out", 1, {"--eval-every", "0"})).code, 0);
  std::string seen(4096, '\0');
  const ssize_t count = ::read(terminal, seen.data(), seen.size());
  ASSERT_GT(count, 0);
  seen.resize(static_cast<std::size_t>(count));
  ::close(other_end);
  ::close(terminal);
  EXPECT_THAT(seen, HasSubstr("\r\x1b[K1/1 [>             ] 1/15  loss "));
}

}  // namespace
}  // namespace evenkeel::test
