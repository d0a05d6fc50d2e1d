// SPDX-License-Identifier: Apache-2.0
// What `train` prints and writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/cli/terminal.h"
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

// What a run of an epoch writes to a terminal.
std::string seen_on_terminal(unsigned short columns) {
  TinyRun run;
  Terminal terminal(columns);
  run.redirect_errors(terminal.path());
  EXPECT_EQ(run.run(TinyRun::train("out", 1, {"--eval-every", "0"})).code, 0);
  return terminal.read_all();
}

// What replaces itself; a notice has a line of its own.
std::vector<std::string> progress_lines(const std::string& seen) {
  const std::string erase = "\r\x1b[K";
  std::vector<std::string> lines;
  for (std::size_t at = seen.find(erase); at != std::string::npos;) {
    const std::size_t begin = at + erase.size();
    at = seen.find(erase, begin);
    std::string line = seen.substr(begin, at == std::string::npos ? at : at - begin);
    if (!line.empty() && line.find('\n') == std::string::npos) lines.push_back(std::move(line));
  }
  return lines;
}

TEST(Train, ProgressIsShownOnATerminal) {
  struct Wide {
    unsigned short columns;
    const char* first;
  };
  for (const auto& [columns, first] :
       // How long the bar is depends on how long the rate is.
       {Wide{60, "1/1 \\[=?> +\\] 1/15  loss [0-9]\\.[0-9]{4}  acc .*"}, Wide{20, "1/1 1/15.*"}}) {
    const auto lines = progress_lines(seen_on_terminal(columns));
    ASSERT_FALSE(lines.empty()) << columns;
    EXPECT_THAT(lines.front(), MatchesRegex(first));
    for (const std::string& line : lines) {
      const auto taken =
          std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
      EXPECT_LT(taken, columns) << line;
    }
  }
}

}  // namespace
}  // namespace evenkeel::test
