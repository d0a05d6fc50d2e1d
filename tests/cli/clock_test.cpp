// SPDX-License-Identifier: Apache-2.0
// The system's clock may be wrong, or jump between two processes of a run: its times are dates that
// people read, and nothing that a run does follows from them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/run_environment.h"
#include "tests/cli/tiny_run.h"
#include "tests/support/event_reader.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kFarAhead = "2099-01-01T00:00:00Z";

// As if the processes so far had run with a clock that was decades ahead: sessions, the name of the
// event file, and when the files were written.
void move_into_the_future(const fs::path& folder) {
  nlohmann::json json;
  std::ifstream(folder / "environment.json") >> json;
  for (auto& session : json.at("sessions")) session["started"] = kFarAhead;
  std::ofstream(folder / "environment.json") << json;
  for (const fs::path& file : event_files_in(folder))
    fs::rename(file, folder / "events.out.tfevents.4070908800.host.evenkeel");
  const auto ahead = fs::file_time_type::clock::now() + std::chrono::hours(24 * 365 * 20);
  auto time = ahead;
  // The newest checkpoint by its name is the oldest by its time.
  for (const fs::path& checkpoint : checkpoints_in(folder))
    fs::last_write_time(checkpoint, time += std::chrono::hours(1));
}

class Clock : public ::testing::Test {
 protected:
  Clock() {
    const std::vector<std::string> often = {"--save-every", "7", "--keep", "0"};
    EXPECT_EQ(run_.run(TinyRun::train("whole", 2, often)).code, 0);
    EXPECT_EQ(run_.run(TinyRun::train("runs/001-ahead", 1, often)).code, 0);
    move_into_the_future(ahead_);
  }
  TinyRun run_;
  fs::path ahead_ = run_.path("runs/001-ahead");
};

TEST_F(Clock, ARunThatBeganInTheFutureGoesOnToTheSameBytes) {
  const Outcome outcome = run_.run(TinyRun::resume("runs/001-ahead", {"--epochs", "2"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("going on from step 15"));
  EXPECT_EQ(run_.bytes("runs/001-ahead/step-00000030.safetensors"),
            run_.bytes("whole/step-00000030.safetensors"));
  EXPECT_EQ(run_.bytes("runs/001-ahead/best.json"), run_.bytes("whole/best.json"));
  const auto sessions = read_sessions(ahead_);
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].started, kFarAhead);
  EXPECT_LT(sessions[1].started, sessions[0].started);
  EXPECT_EQ(sessions[1].step, 15);
  for (const MetricsRow& row : read_metrics(ahead_)) {
    if (row.event == "epoch" || row.event == "done") {
      EXPECT_GE(row.seconds, 0) << row.event;
      EXPECT_LT(row.seconds, 3600) << row.event;
    }
  }
}

TEST_F(Clock, EventsOfALaterProcessStandBehindThoseOfTheFuture) {
  ASSERT_EQ(run_.run(TinyRun::resume("runs/001-ahead", {"--epochs", "2"})).code, 0);
  const auto files = event_files_in(ahead_);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].filename(), "events.out.tfevents.4070908800.host.evenkeel");
  EXPECT_EQ(read_events(read_bytes(files[1])).events.at(1).step, 16);
}

TEST_F(Clock, RunsListsARunOfTheFutureWithItsDate) {
  ASSERT_EQ(run_.run(TinyRun::train("runs/002-now", 1)).code, 0);
  const Outcome outcome = run_.run({"runs", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::vector<std::string> names;
  for (const std::string& line : lines_of(outcome.out)) {
    const auto json = nlohmann::json::parse(line);
    names.push_back(json.at("name"));
    EXPECT_EQ(json.at("state"), "done") << line;
    if (names.back() == "001-ahead") {
      EXPECT_EQ(json.at("started"), kFarAhead);
    }
  }
  EXPECT_THAT(names, ElementsAre("001-ahead", "002-now"));
}

// A folder's number follows from the others' names.
TEST_F(Clock, TheNextRunsNumberIsOneMore) {
  const Outcome outcome = run_.run({"train", "mlp", "--data", "mnist", "--data-dir", "sets",
                                    "--batch", "8", "--threads", "1", "--epochs", "1", "--quiet"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(run_.path("runs/002-mlp/step-00000015.safetensors")));
}

}  // namespace
}  // namespace evenkeel::test
