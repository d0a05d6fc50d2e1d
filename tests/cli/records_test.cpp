// SPDX-License-Identifier: Apache-2.0
// What `train` leaves in a run's folder beside checkpoints, and who may train there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "evenkeel/base/os_lock.h"
#include "evenkeel/train/metrics_log.h"
#include "tests/cli/tiny_run.h"
#include "tests/support/event_reader.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> rows_in(const fs::path& folder) {
  std::vector<std::string> rows;
  for (const MetricsRow& row : read_metrics(folder))
    rows.push_back(row.event + (row.split.empty() ? "" : ":" + row.split) + " " +
                   std::to_string(row.step));
  return rows;
}

std::string text_of(const ByteVector& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// All that depends on neither machine nor clock.
void expect_same_metrics(const fs::path& a, const fs::path& b) {
  const auto x = read_metrics(a);
  const auto y = read_metrics(b);
  EXPECT_EQ(rows_in(a), rows_in(b));
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    EXPECT_EQ(x[i].epoch, y[i].epoch) << i;
    EXPECT_EQ(x[i].loss, y[i].loss) << i;
    EXPECT_EQ(x[i].accuracy, y[i].accuracy) << i;
    EXPECT_EQ(x[i].best, y[i].best) << i;
  }
}

TEST(Records, MetricsHaveTheRowsOfARun) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 2, {"--log-every", "15"})).code, 0);
  EXPECT_THAT(rows_in(run.path("out")),
              ElementsAre("batch 1", "evaluation:test 1", "batch 10", "epoch 15",
                          "evaluation:validation 15", "evaluation:test 16", "batch 20", "batch 30",
                          "epoch 30", "evaluation:validation 30", "evaluation:test 30", "done 30"));
}

TEST(Records, AResumedRunHasTheMetricsOfOneThatNeverStopped) {
  TinyRun run;
  const std::vector<std::string> often = {"--save-every", "4", "--keep", "0", "--log-every", "3"};
  ASSERT_EQ(run.run(TinyRun::train("whole", 2, often)).code, 0);
  for (const int from : {4, 8, 12, 15, 16, 20, 28, 30}) {
    const std::string out = "parts-" + std::to_string(from);
    fs::copy(run.path("whole"), run.path(out));
    for (const fs::path& checkpoint : checkpoints_in(run.path(out)))
      if (std::stoi(checkpoint.filename().string().substr(5)) > from) fs::remove(checkpoint);
    ASSERT_EQ(run.run(TinyRun::resume(out, {"--save-every", "3", "--log-every", "3"})).code, 0);
    SCOPED_TRACE(out);
    expect_same_metrics(run.path("whole"), run.path(out));
    EXPECT_EQ(event_files_in(run.path(out)).size(), 2U);
  }
}

TEST(Records, MoreEpochsGoOnBehindTheRows) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  ASSERT_EQ(run.run(TinyRun::resume("out")).code, 0);  // nothing is left to do
  const auto once = rows_in(run.path("out"));
  EXPECT_EQ(std::count(once.begin(), once.end(), "evaluation:test 15"), 1);
  EXPECT_EQ(once.back(), "done 15");
  ASSERT_EQ(run.run(TinyRun::resume("out", {"--epochs", "2"})).code, 0);
  const auto rows = rows_in(run.path("out"));
  EXPECT_EQ(std::count(rows.begin(), rows.end(), "done 15"), 0);
  EXPECT_EQ(rows.back(), "done 30");
}

TEST(Records, ADamagedNewestCheckpointCutsMetricsBackToTheOneBefore) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("whole", 2)).code, 0);
  fs::copy(run.path("whole"), run.path("out"));
  fs::resize_file(run.path("out/step-00000030.safetensors"), 1000);
  {
    std::ofstream torn(run.path("out/metrics.jsonl"), std::ios::app);
    torn << R"({"event":"batch","st)";
  }
  const Outcome outcome = run.run(TinyRun::resume("out"));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("damaged, so the one before is taken"));
  expect_same_metrics(run.path("whole"), run.path("out"));
}

TEST(Records, EnvironmentAndLogTellOfEachProcess) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1, {"--quiet"})).code, 0);
  ASSERT_EQ(run.run(TinyRun::resume("out", {"--epochs", "2", "--json"})).code, 0);
  const auto json = nlohmann::json::parse(text_of(run.bytes("out/environment.json")));
  const auto& sessions = json.at("sessions");
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].at("step"), 0);
  EXPECT_EQ(sessions[1].at("step"), 15);
  EXPECT_EQ(sessions[0].at("threads"), 1);
  EXPECT_EQ(sessions[0].at("command").at(1), "train");
  EXPECT_EQ(sessions[1].at("command").back(), "--json");
  const std::string log = text_of(run.bytes("out/log.txt"));
  EXPECT_THAT(log, AllOf(ContainsRegex("\\[ +0\\.[0-9]+\\] 20..-..-..T..:..:..Z\n"),
                         HasSubstr("] Epoch 1/1: training loss = "),
                         HasSubstr("] saved out/step-00000015.safetensors\n"),
                         HasSubstr("] Test: loss = "), HasSubstr(", going on from step 15\n"),
                         HasSubstr("] Epoch 2/2: validation loss = ")));
}

TEST(Records, TheLogEndsWithTheErrorThatEndedTheRun) {
  TinyRun run;
  EXPECT_EQ(run.run(TinyRun::train("out", 2, {"--lr", "1e38"})).code, 1);
  EXPECT_THAT(text_of(run.bytes("out/log.txt")),
              ContainsRegex("\\] evenkeel: .*not finite[^\n]*\n$"));
}

TEST(Records, EventsAreThoseOfTheMetrics) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  std::map<std::string, std::map<std::int64_t, float>> scalars;
  std::map<std::string, std::int64_t> histograms;
  for (const ReadEvent& event : read_events_in(run.path("out"))) {
    for (const auto& [tag, value] : event.scalars) scalars[tag][event.step] = value;
    for (const auto& [tag, histogram] : event.histograms) histograms[tag] = event.step;
  }
  for (const MetricsRow& row : read_metrics(run.path("out"))) {
    if (row.event == "epoch" || row.event == "done") continue;
    const std::string split = row.event == "batch" ? "train" : row.split;
    EXPECT_EQ(scalars[split + "/loss"][row.step], static_cast<float>(row.loss)) << row.step;
    EXPECT_EQ(scalars[split + "/accuracy"][row.step], static_cast<float>(row.accuracy));
  }
  for (const char* tag : {"weights/dense1/kernel", "gradients/dense1/kernel", "gamma/bn1",
                          "beta/bn1", "moving_mean/bn1", "moving_variance/bn1"})
    EXPECT_EQ(histograms[tag], 15) << tag;
}

TEST(Records, AFullDiskEndsRecordsWithOneWarningEachAndNotTheRun) {
  TinyRun run;
  std::string command = "trap '' XFSZ; ulimit -f 16; exec " + std::string(test::kBinary);
  for (const std::string& word : TinyRun::train("out", 30, {"--log-every", "0"}))
    command += " " + word;
  const Outcome outcome = run.run_program({"/bin/sh", "-c", command});
  const auto times = [&](const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = outcome.err.find(part); at != std::string::npos;
         at = outcome.err.find(part, at + 1))
      ++count;
    return count;
  };
  // The checkpoints do not fit either, and the last one must: it is an error, at the very end.
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("Epoch 30/30: training loss"));
  EXPECT_EQ(times("the run goes on without it"), 2U) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("metrics.jsonl"), HasSubstr("events.out.tfevents.")));
  for (const fs::path& file : event_files_in(run.path("out")))
    EXPECT_EQ(read_events(read_bytes(file)).bytes, fs::file_size(file));
  for (const MetricsRow& row : read_metrics(run.path("out"))) EXPECT_GE(row.step, 1);
}

TEST(Records, AFolderInUseIsRefused) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1)).code, 0);
  {
    const os::FileLock lock(run.path("out/lock"));
    for (const auto& words :
         {TinyRun::resume("out"), TinyRun::resume("out/step-00000015.safetensors")}) {
      const Outcome outcome = run.run(words);
      EXPECT_EQ(outcome.code, 2);
      EXPECT_THAT(outcome.err, AllOf(HasSubstr("[out]"), HasSubstr("another process")));
    }
  }
  EXPECT_EQ(run.run(TinyRun::resume("out")).code, 0);
}

TEST(Records, AKilledRunLetsGoOfItsFolder) {
  TinyRun run;
  const pid_t process = run.start(TinyRun::train("out", 1000000, {"--save-every", "20"}));
  for (int i = 0; i < 6000 && checkpoints_in(run.path("out")).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const bool locked = os::is_locked(run.path("out/lock"));
  ::kill(process, SIGKILL);
  const Outcome outcome = run.finish(process);
  ASSERT_TRUE(locked) << outcome.err;
  EXPECT_FALSE(os::is_locked(run.path("out/lock")));
  const auto killed = read_events(read_bytes(event_files_in(run.path("out")).front()));
  EXPECT_GT(killed.events.size(), 2U);
  const pid_t again = run.start(TinyRun::resume("out"));
  for (int i = 0; i < 6000 && event_files_in(run.path("out")).size() < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(again, SIGTERM);
  EXPECT_EQ(run.finish(again).code, 130);
  const auto rows = rows_in(run.path("out"));
  EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()).size(), rows.size());
}

}  // namespace
}  // namespace evenkeel::test
