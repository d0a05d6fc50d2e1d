// SPDX-License-Identifier: Apache-2.0
// `sweep` from the command to its page: runs as processes, divergence, interruption, wrong use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "evenkeel/base/os_lock.h"
#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/schedule.h"
#include "tests/cli/command.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Sweep : public ::testing::Test {
 protected:
  Sweep() {
    write_idx_set(line_.path("sets"), "mnist", 132, 20);
    write_bytes(line_.path("tiny.toml"), bytes_of(R"([model]
name = "tiny"
[[model.layers]]
type = "max_pool2d"
window = 4
[[model.layers]]
type = "flatten"
[[model.layers]]
type = "batch_norm"
[[model.layers]]
type = "dense"
units = 10
[train]
epochs = 1
batch = 8
[optimizer]
name = "sgd"
)"));
  }

  static std::vector<std::string> words(const std::string& out,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> words = {"sweep", "tiny.toml", "--data-dir", "sets", "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Json numbers(const std::string& out) {
    std::ifstream file(line_.path(out) / "sweep.json");
    return Json::parse(file);
  }
  // What does not depend on the clock.
  Json timeless(const std::string& out) {
    Json runs = numbers(out)["runs"];
    for (Json& run : runs) run.erase("seconds");
    return runs;
  }
  bool exists(const std::string& path) { return fs::exists(line_.path(path)); }

  CommandLine line_;
};
class SlowSweep : public Sweep {};

TEST_F(Sweep, EndsWithTableNumbersAndPage) {
  const Outcome outcome = line_.run(words("out", {"--grid", "train.lr=0.01,0.1"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("2 runs, "), HasSubstr("001-lr-0.01: ")));
  EXPECT_THAT(
      outcome.out,
      AllOf(HasSubstr("accuracy"), HasSubstr("2 done. Judged on validation images"),
            HasSubstr("evenkeel train tiny.toml --set train.lr=0."), HasSubstr("out/sweep.html")));
  EXPECT_TRUE(exists("out/sweep.html"));
  EXPECT_TRUE(exists("out/001-lr-0.01/recipe.toml"));
  EXPECT_EQ(numbers("out")["ranking"].size(), 2U);
}

TEST_F(Sweep, DivergenceIsAResult) {
  const Outcome outcome = line_.run(words("out", {"--grid", "train.lr=0.01,1e30", "--json"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::vector<std::string> events;
  for (const std::string& each : lines_of(outcome.out))
    events.push_back(Json::parse(each)["event"]);
  EXPECT_THAT(events, ::testing::ElementsAre("plan", "run", "run", "done"));
  const Json runs = numbers("out")["runs"];
  EXPECT_EQ(runs[0]["status"], "done");
  EXPECT_EQ(runs[1]["status"], "diverged") << runs[1];
  EXPECT_THAT(runs[1]["error"].get<std::string>(), HasSubstr("not finite"));
}

TEST_F(SlowSweep, TheSameCommandMakesNothingTwice) {
  const auto command = words("out", {"--grid", "train.lr=0.01,0.1", "--seeds", "2"});
  ASSERT_EQ(line_.run(command).code, 0);
  const Json before = numbers("out");
  const Outcome again = line_.run(command);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("4 of them there already"));
  EXPECT_EQ(numbers("out"), before);
  // What is missing is made again, to the same numbers.
  fs::remove_all(line_.path("out") / "002-lr-0.1-seed-1");
  EXPECT_EQ(line_.run(command).code, 0);
  EXPECT_EQ(timeless("out"), [&] {
    Json runs = before["runs"];
    for (Json& run : runs) run.erase("seconds");
    return runs;
  }());
}

// Where the disk was full at its start, or it was killed before it had a recipe.
TEST_F(Sweep, ARunThatLeftALockAloneIsBegunAnew) {
  const auto command = words("out", {"--grid", "train.lr=0.01,0.1", "--jobs", "1"});
  ASSERT_EQ(line_.run(command).code, 0);
  const Json whole = timeless("out");
  const std::string run = "out/002-lr-0.1/";
  const ByteVector notes = read_bytes(line_.path(run + "run.json"));
  fs::remove_all(line_.path(run));
  write_bytes(line_.path(run + "lock"), {});
  write_bytes(line_.path(run + "run.json"), notes);
  write_bytes(line_.path(run + ".recipe.toml.tmp-1"), bytes_of("[mod"));
  const Outcome again = line_.run(command);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(timeless("out"), whole);
  EXPECT_FALSE(exists(run + ".recipe.toml.tmp-1"));
}

TEST_F(SlowSweep, GoesOnWhereItWasInterrupted) {
  const std::vector<std::string> what = {
      "--grid", "train.lr=0.01,0.1,0.2", "--set", "train.epochs=30", "--jobs", "1"};
  ASSERT_EQ(line_.run(words("whole", what)).code, 0);
  const pid_t process = line_.start(words("parts", what));
  // Once the second run has begun.
  for (int i = 0; i < 3000 && !exists("parts/002-lr-0.1/metrics.jsonl"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(process, SIGINT);
  const Outcome interrupted = line_.finish(process);
  ASSERT_EQ(interrupted.code, 130) << interrupted.err;
  EXPECT_THAT(interrupted.err, HasSubstr("the same command with --out parts goes on"));
  EXPECT_FALSE(exists("parts/sweep.html"));
  const Outcome again = line_.run(words("parts", what));
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(timeless("parts"), timeless("whole"));
}

TEST_F(SlowSweep, ARunEndsWithASweepThatIsKilled) {
  const std::vector<std::string> what = {"--grid", "train.lr=0.01", "--set", "train.epochs=2000"};
  const pid_t process = line_.start(words("out", what));
  for (int i = 0; i < 3000 && !exists("out/001-lr-0.01/metrics.jsonl"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(process, SIGKILL);
  line_.finish(process);
  // The run saves, lets go of its folder, and is there to go on with.
  bool free = false;
  for (int i = 0; i < 1000 && !free; ++i) {
    free = os::FileLock(line_.path("out") / "001-lr-0.01" / "lock").held();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(free);
  EXPECT_EQ(numbers("out")["runs"][0]["status"], "waiting");
}

TEST_F(SlowSweep, DrawsAndGivesUpEarly) {
  const Outcome outcome = line_.run(words("out", {"--grid", "train.lr=1e-3..1:log", "--random", "6",
                                                  "--asha", "--set", "train.epochs=9"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("given up early"));
  int at_end = 0;
  const Json runs = numbers("out")["runs"];
  for (const Json& run : runs) {
    const int rungs = run["rungs"];
    EXPECT_EQ(run["epochs"].get<int>(), rungs == 1 ? 1 : rungs == 2 ? 3 : 9);
    at_end += rungs == 3 ? 1 : 0;
  }
  EXPECT_GE(at_end, 1);
  EXPECT_LE(at_end, 3);
}

// Of training batches, by step.
std::map<std::int64_t, double> rates_of(const std::vector<MetricsRow>& rows) {
  std::map<std::int64_t, double> rates;
  for (const MetricsRow& row : rows)
    if (row.event == "batch") rates[row.step] = row.learning_rate;
  return rates;
}
// All that does not depend on the clock.
std::vector<std::string> course_of(const std::vector<MetricsRow>& rows) {
  std::vector<std::string> course;
  for (MetricsRow row : rows) {
    row.images_per_second = row.seconds = 0;
    course.push_back(metrics_line(row));
  }
  return course;
}

TEST_F(Sweep, WithAshaARunThatPausedEqualsOneThatNeverStopped) {
  for (const std::string schedule : {"cosine", "one-cycle", "plateau"}) {
    const std::string out = "out-" + schedule;
    const Outcome outcome =
        line_.run(words(out, {"--grid", "train.lr=0.1", "--asha", "--set", "train.epochs=9",
                              "--set", "schedule.name=" + schedule}));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const std::string run = out + "/001-lr-0.1";
    ASSERT_EQ(numbers(out)["runs"][0]["rungs"], 3);
    const std::string whole = "whole-" + schedule;
    const Outcome alone = line_.run({"train", out + "/recipes/001-lr-0.1.toml", "--out", whole,
                                     "--data-dir", "sets", "--threads", "1", "--quiet"});
    ASSERT_EQ(alone.code, 0) << alone.err;

    std::ifstream environment(line_.path(run) / "environment.json");
    EXPECT_EQ(Json::parse(environment).at("sessions").size(), 3U) << "one for each rung";
    const std::string last = "/step-00000135.safetensors";  // nine epochs of 15 steps
    EXPECT_EQ(read_bytes(line_.path(run + last)), read_bytes(line_.path(whole + last))) << out;
    EXPECT_EQ(read_bytes(line_.path(run + "/best.json")),
              read_bytes(line_.path(whole + "/best.json")));
    EXPECT_EQ(course_of(read_metrics(line_.path(run))), course_of(read_metrics(line_.path(whole))));
  }
}

TEST_F(Sweep, WithAshaTheFirstRungHasTheRatesOfTheWholeSchedule) {
  const Outcome outcome =
      line_.run(words("out", {"--grid", "train.lr=0.05,0.1,0.2", "--asha", "--set",
                              "train.epochs=9", "--set", "schedule.name=cosine"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, Not(HasSubstr("schedule")));
  const Json runs = numbers("out")["runs"];
  for (const Json& run : runs) {
    const std::string name = run.at("name");
    const double rate = run.at("values").at("train.lr");
    const auto rates = rates_of(read_metrics(line_.path("out") / name));
    EXPECT_EQ(rates.at(1), rate) << name;
    EXPECT_DOUBLE_EQ(rates.at(10), Schedule::cosine().rate(rate, 9, 9 * 15)) << name;
    if (run.at("rungs") == 1) {
      EXPECT_TRUE(exists("out/" + name + "/step-00000015.safetensors")) << name;
    }
  }
}

TEST_F(SlowSweep, SideBySideGivesTheSameNumbers) {
  for (const char* jobs : {"1", "3"})
    ASSERT_EQ(line_
                  .run(words(std::string("out") + jobs, {"--grid", "train.lr=0.01,0.1", "--grid",
                                                         "train.batch=8,16", "--jobs", jobs}))
                  .code,
              0);
  EXPECT_EQ(timeless("out1"), timeless("out3"));
}

TEST_F(Sweep, RefusesWrongUseBeforeAnythingIsMade) {
  const auto expect_refused = [&](const std::vector<std::string>& more, const std::string& text) {
    const Outcome outcome = line_.run(words("out", more));
    EXPECT_EQ(outcome.code, 2) << text << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_FALSE(exists("out"));
  };
  expect_refused({}, "--grid");
  expect_refused({"--grid", "train.lrr=0.1"}, "did you mean 'train.lr'");
  expect_refused({"--grid", "train.lr=0.1", "--grid", "train.lr=0.2"}, "is there twice");
  expect_refused({"--grid", "train.lr=0.1..1"}, "--random N draws from ranges");
  expect_refused({"--grid", "train.batch=8,1000"}, "1000");
  expect_refused({"--grid", "train.accumulate=1,50"}, "[batch size 400]");
  expect_refused({"--grid", "data.validation=0.1,0"}, "expected validation images");
  expect_refused({"--grid", "train.lr=0.1", "--set", "train.class_weights=[1,2]"},
                 "[--set train.class_weights] expected 10 numbers");
  expect_refused({"--grid", "optimizer.name=sgd,sdg"}, "did you mean 'sgd'");
  expect_refused({"--grid", "train.lr=0.1", "--random", "5"}, "--random");
  expect_refused({"--grid", "train.lr=0.1", "--rung", "2"}, "--asha");
  expect_refused({"--grid", "train.lr=0.1", "--by", "los"}, "did you mean 'loss'");
  expect_refused({"--grid", "train.lr=0.1", "--set", "run.eval_every=99"}, "run.eval_every");
}

TEST_F(Sweep, RefusesTheFolderOfAnother) {
  ASSERT_EQ(line_.run(words("out", {"--grid", "train.lr=0.1"})).code, 0);
  const Outcome other = line_.run(words("out", {"--grid", "train.lr=0.2"}));
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("is of another: parameters there"));
  const os::FileLock lock(line_.path("out") / ".lock");
  const Outcome held = line_.run(words("out", {"--grid", "train.lr=0.1"}));
  EXPECT_EQ(held.code, 1);
  EXPECT_THAT(held.err, HasSubstr("another sweep is at work there"));
}

TEST_F(Sweep, WithoutDataIsExitThree) {
  const Outcome outcome =
      line_.run({"sweep", "tiny.toml", "--grid", "train.lr=0.1", "--data-dir", "nowhere"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_FALSE(exists("runs"));
}

TEST_F(Sweep, RunsAreNotInHelp) {
  EXPECT_THAT(line_.run({"--help"}).out,
              AllOf(HasSubstr("sweep "), HasSubstr("lr-find "), Not(HasSubstr("sweep-run"))));
}

}  // namespace
}  // namespace evenkeel::test
