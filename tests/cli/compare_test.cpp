// SPDX-License-Identifier: Apache-2.0
// `compare` from the command to its page: runs as processes, divergence, interruption, wrong use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "evenkeel/base/os_lock.h"
#include "tests/cli/command.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Compare : public ::testing::Test {
 protected:
  Compare() { write_idx_set(line_.path("sets"), "mnist", 132, 20); }

  static std::vector<std::string> words(const std::string& out,
                                        const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"compare", "mlp",     "--data-dir", "sets",    "--batch",
                                      "16",      "--seeds", "1",          "--steps", "6",
                                      "--out",   out,       "--threads",  "1"};
    // An option given again stands for the first.
    for (std::size_t i = 0; i < more.size(); ++i) {
      const auto first = std::find(words.begin(), words.end(), more[i]);
      if (first != words.end() && i + 1 < more.size())
        *(first + 1) = more[++i];
      else
        words.push_back(more[i]);
    }
    return words;
  }
  Json numbers(const std::string& out) {
    std::ifstream file(line_.path(out) / "compare.json");
    return Json::parse(file);
  }
  // What does not depend on the clock.
  Json timeless(const std::string& out) {
    Json runs = numbers(out)["runs"];
    for (Json& run : runs) {
      for (const char* key : {"seconds", "step_seconds"}) run.erase(key);
      for (const char* list : {"losses", "tests"})
        for (Json& point : run[list]) point.erase("seconds");
    }
    return runs;
  }
  bool exists(const std::string& path) { return fs::exists(line_.path(path)); }

  CommandLine line_;
};
class SlowCompare : public Compare {};

TEST_F(SlowCompare, WritesPageAndNumbers) {
  const Outcome outcome = line_.run(
      words("out", {"--norm", "none,batch,ghost:8,layer,group:8,never-updated,divide-by-variance",
                    "--place", "before,after", "--optimizer", "sgd", "--lr", "0.1"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("13 runs of 6 steps: about "));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("batch before"), HasSubstr("never-updated after"),
                                 HasSubstr("out/index.html")));
  EXPECT_TRUE(exists("out/index.html"));
  EXPECT_EQ(numbers("out")["runs"].size(), 13U);
  for (const auto& entry : fs::directory_iterator(line_.path("out") / "runs"))
    EXPECT_EQ(entry.path().extension(), ".json");
}

TEST_F(Compare, DivergenceIsAResult) {
  const Outcome outcome =
      line_.run(words("out", {"--optimizer", "sgd", "--lr", "0.1,1e25", "--json"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  int diverged = 0;
  for (const std::string& each : lines_of(outcome.out)) {
    const Json event = Json::parse(each);
    if (event["event"] != "run" || event["diverged_at"].is_null()) continue;
    ++diverged;
    EXPECT_EQ(event["learning_rate"], 1e25);
    EXPECT_TRUE(event["accuracy"].is_null());
  }
  EXPECT_GE(diverged, 1);
  std::ifstream page(line_.path("out") / "index.html");
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(page), {}), HasSubstr("diverged at step"));
}

TEST_F(SlowCompare, GoesOnWhereItWasInterrupted) {
  EXPECT_EQ(line_.run(words("whole", {"--steps", "30", "--lr", "0.001,0.01"})).code, 0);
  const pid_t process = line_.start(words("parts", {"--steps", "30", "--lr", "0.001,0.01"}));
  // Once a run is there, but not all of them.
  const auto finished = [&] {
    int count = 0;
    if (exists("parts/runs"))
      for (const auto& entry : fs::directory_iterator(line_.path("parts") / "runs"))
        count += entry.path().extension() == ".json" ? 1 : 0;
    return count;
  };
  for (int i = 0; i < 3000 && finished() == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ::kill(process, SIGINT);
  const Outcome interrupted = line_.finish(process);
  ASSERT_EQ(interrupted.code, 130) << interrupted.err;
  EXPECT_THAT(interrupted.err, HasSubstr("the same command with --out parts goes on"));
  EXPECT_FALSE(exists("parts/index.html"));
  ASSERT_LT(finished(), 4);

  const Outcome again = line_.run(words("parts", {"--steps", "30", "--lr", "0.001,0.01"}));
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("of them there already"));
  EXPECT_EQ(timeless("parts"), timeless("whole"));
}

TEST_F(SlowCompare, SideBySideGivesTheSameNumbers) {
  EXPECT_EQ(line_.run(words("one")).code, 0);
  EXPECT_EQ(line_.run(words("two", {"--jobs", "2"})).code, 0);
  EXPECT_EQ(timeless("one"), timeless("two"));
}

TEST_F(Compare, LeavesAFolderAloneWhereAnotherIsAtWork) {
  ASSERT_EQ(line_.run(words("out")).code, 0);
  const os::FileLock other(line_.path("out") / ".lock");
  ASSERT_TRUE(other.held());
  const Outcome outcome = line_.run(words("out"));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("[out] another comparison is at work there; wait for it, or "
                                     "take another folder with --out"));
}

TEST_F(Compare, RefusesTheFolderOfAnotherComparison) {
  ASSERT_EQ(line_.run(words("out")).code, 0);
  const Outcome other = line_.run(words("out", {"--lr", "0.5"}));
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("is of another: learning_rates there [0.001], here [0.5]"));
  fs::create_directories(line_.path("full"));
  std::ofstream(line_.path("full") / "notes.txt") << "mine";
  const Outcome full = line_.run(words("full"));
  EXPECT_EQ(full.code, 2);
  EXPECT_THAT(full.err, HasSubstr("has other files"));
}

TEST_F(Compare, ADamagedRecordIsNamed) {
  ASSERT_EQ(line_.run(words("out")).code, 0);
  const fs::path record = line_.path("out") / "runs" / "batch_lr-0.001_seed-1.json";
  ASSERT_TRUE(fs::exists(record));
  std::ofstream(record) << "{\"run\":";
  const Outcome outcome = line_.run(words("out"));
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("batch_lr-0.001_seed-1.json"), HasSubstr("remove it")));
}

TEST_F(SlowCompare, EveryPresetRunsForAFewSteps) {
  for (const char* preset : {"ioffe2015", "ioffe2015-lr", "placement", "statistics"}) {
    const Outcome outcome =
        line_.run({"compare", "--preset", preset, "--data-dir", "sets", "--steps", "2", "--batch",
                   "8", "--seeds", "1", "--lr", "0.01", "--out", preset, "--threads", "1"});
    EXPECT_EQ(outcome.code, 0) << preset << outcome.err;
    EXPECT_TRUE(exists(std::string(preset) + "/index.html"));
    EXPECT_EQ(numbers(preset)["study"]["preset"], preset);
  }
}

TEST_F(Compare, TakesTheOptimisersOfTrain) {
  for (const char* optimizer : {"adagrad", "muon"}) {
    const std::string out = std::string("by-") + optimizer;
    const Outcome outcome =
        line_.run(words(out, {"--optimizer", optimizer, "--norm", "batch", "--place", "before"}));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const Json json = numbers(out);
    EXPECT_EQ(json["study"]["optimizer"], optimizer);
    EXPECT_FALSE(json["runs"][0]["diverged"].is_object());
  }
}

TEST_F(Compare, RefusesWrongUse) {
  const auto expect_refused = [&](const std::vector<std::string>& more, const std::string& text) {
    const Outcome outcome = line_.run(words("out", more));
    EXPECT_EQ(outcome.code, 2) << text;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_FALSE(exists("out"));
  };
  expect_refused({"--norm", "bacth"}, "did you mean 'batch'");
  expect_refused({"--norm", "batch,batch"}, "'batch' twice");
  expect_refused({"--norm", "ghost:5"}, "ghost batches that divide the batch of 16");
  expect_refused({"--norm", "group:7"}, "divides the 512 channels");
  expect_refused({"--place", "behind"}, "expected one of as-written, before, after");
  expect_refused({"--lr", "0.1,x"}, "got 'x'");
  expect_refused({"--lr", "0.1,0.1"}, "0.1 twice");
  expect_refused({"--lr", "-1"}, "above 0");
  expect_refused({"--optimizer", "sdg"}, "did you mean 'sgd'");
  expect_refused({"--momentum", "0.9"}, "sgd, rmsprop or muon");
  expect_refused({"--momentum", "0", "--optimizer", "muon"}, "above 0 with --optimizer muon");
  expect_refused({"--optimizer", "none"},
                 "expected one of adam, adamw, sgd, rmsprop, adagrad, muon");
  expect_refused({"--epochs", "1"}, "either --epochs or --steps");
  expect_refused({"--preset", "placement"}, "expected no other with --preset");
  expect_refused({"--data", "mnits"}, "mnist");
  for (const auto& [batch, text] :
       {std::pair("1000", "1000"), std::pair("1", "at least 2 values per channel")}) {
    const Outcome outcome =
        line_.run({"compare", "mlp", "--place", "before", "--data-dir", "sets", "--batch", batch});
    EXPECT_EQ(outcome.code, 2) << batch;
    EXPECT_THAT(outcome.err, HasSubstr(text));
  }
  const Outcome preset = line_.run({"compare", "--preset", "iofe2015"});
  EXPECT_EQ(preset.code, 2);
  EXPECT_THAT(preset.err, HasSubstr("did you mean 'ioffe2015'"));
}

TEST_F(Compare, WithoutDataIsExitThree) {
  const Outcome outcome = line_.run({"compare", "mlp", "--data-dir", "nowhere", "--out", "out"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_FALSE(exists("out"));
}

TEST_F(Compare, RunsAreNotInHelp) {
  EXPECT_THAT(line_.run({"--help"}).out,
              AllOf(HasSubstr("compare "), Not(HasSubstr("compare-run"))));
}

}  // namespace
}  // namespace evenkeel::test
