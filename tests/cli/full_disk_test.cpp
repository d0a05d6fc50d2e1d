// SPDX-License-Identifier: Apache-2.0
// A disk that fills while the command trains, or is full when it begins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/run_folder.h"
#include "tests/cli/tiny_run.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Words of a shell: the command, on a disk without room for files of more than so many blocks of
// 512 bytes.
std::string on_a_disk_of(int blocks, const std::vector<std::string>& words) {
  std::string line = "trap '' XFSZ; ulimit -f " + std::to_string(blocks) + "; " + kBinary;
  for (const std::string& word : words) line += " " + word;
  return line;
}

// All that does not depend on the clock.
std::vector<std::string> rows_without_times(const fs::path& folder) {
  std::vector<std::string> rows;
  for (MetricsRow row : read_metrics(folder)) {
    if (row.split == "test") continue;  // where a process ended
    row.images_per_second = row.seconds = 0;
    rows.push_back(metrics_line(row));
  }
  return rows;
}

TEST(FullDisk, ARunThatItEndedGoesOnToTheSameBytes) {
  TinyRun run;
  const std::vector<std::string> seldom = {"--log-every", "0"};
  ASSERT_EQ(run.run(TinyRun::train("whole", 3, seldom)).code, 0);
  ASSERT_EQ(run.run(TinyRun::train("out", 1, seldom)).code, 0);
  const ByteVector before = run.bytes("out/step-00000015.safetensors");

  const auto resumed = TinyRun::resume("out", {"--epochs", "3"});
  const Outcome full = run.run_program({"/bin/sh", "-c", on_a_disk_of(16, resumed)});
  EXPECT_EQ(full.code, 1);
  const auto errors = lines_of(full.err);
  ASSERT_FALSE(errors.empty());
  EXPECT_THAT(errors.back(), AllOf(StartsWith("evenkeel: [out/step-00000045.safetensors]"),
                                   HasSubstr("unchanged"), HasSubstr("make room")));
  EXPECT_EQ(checkpoints_in(run.path("out")).size(), 1U);
  EXPECT_EQ(run.bytes("out/step-00000015.safetensors"), before);
  EXPECT_EQ(read_best(run.path("out"))->step, 15);
  const ByteVector metrics = run.bytes("out/metrics.jsonl");
  EXPECT_EQ(metrics.back(), std::byte{'\n'});
  EXPECT_EQ(std::count(metrics.begin(), metrics.end(), std::byte{'\n'}),
            std::ssize(read_metrics(run.path("out"))));

  const Outcome again = run.run(resumed);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(run.bytes("out/step-00000045.safetensors"),
            run.bytes("whole/step-00000045.safetensors"));
  EXPECT_EQ(run.bytes("out/best.json"), run.bytes("whole/best.json"));
  EXPECT_EQ(rows_without_times(run.path("out")), rows_without_times(run.path("whole")));
}

TEST(FullDisk, FromTheStartIsAnErrorAndTheSameWordsBeginOnceThereIsRoom) {
  TinyRun run;
  const std::vector<std::string> words = {
      "train",     "mlp", "--data",   "mnist", "--data-dir", "sets", "--batch", "8",
      "--threads", "1",   "--epochs", "1",     "--out",      "out",  "--quiet"};
  // Through a pipe, because nothing can be written to a file.
  const Outcome full = run.run_program(
      {"/bin/sh", "-c", "(" + on_a_disk_of(0, words) + "; echo \"code $?\") 2>&1 | cat"});
  EXPECT_THAT(full.out, AllOf(HasSubstr("evenkeel: [out/run.json]"), HasSubstr("make room"),
                              HasSubstr("code 1\n"), Not(HasSubstr("Test:"))));
  const Outcome again = run.run(words);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(fs::exists(run.path("out/step-00000015.safetensors")));
}

}  // namespace
}  // namespace evenkeel::test
