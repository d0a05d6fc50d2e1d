// SPDX-License-Identifier: Apache-2.0
// A shell stands in for the program itself.
#include "evenkeel/study/processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include <chrono>
#include <map>

#include "evenkeel/base/error.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Clock = std::chrono::steady_clock;

class Processes : public ::testing::Test {
 protected:
  Processes() { ::setenv("EVENKEEL_COMMAND", "/bin/sh", 1); }
  ~Processes() override { ::unsetenv("EVENKEEL_COMMAND"); }
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  // One process for each script.
  ProcessOptions options_of(const std::vector<std::string>& scripts) {
    ProcessOptions options;
    options.next = [this, scripts]() -> std::optional<Work> {
      if (begun_ == scripts.size()) return std::nullopt;
      const std::size_t id = begun_++;
      return Work{id, {"-c", scripts[id]}, "/dev/null", folder_ / std::to_string(id)};
    };
    options.ended = [this](std::size_t id, int code) { codes_[id] = code; };
    return options;
  }

  test::TemporaryFolder folder_;
  std::size_t begun_ = 0;
  std::map<std::size_t, int> codes_;
};

TEST_F(Processes, TellsEachExitCode) {
  ProcessOptions options = options_of({"exit 0", "exit 3", "kill -9 $$"});
  options.jobs = 2;
  EXPECT_TRUE(run_processes(options));
  EXPECT_THAT(codes_, ElementsAre(Pair(0, 0), Pair(1, 3), Pair(2, 128 + 9)));
}

TEST_F(Processes, KeepsErrorsApart) {
  EXPECT_TRUE(run_processes(options_of({"echo one >&2", "echo two >&2"})));
  EXPECT_EQ(test::read_bytes(folder_ / "1"), test::bytes_of("two\n"));
}

TEST_F(Processes, AtMostSoManyAtATime) {
  // Each leaves a mark while it is there, and fails where it sees two others.
  const std::string marks = (folder_ / "m").string();
  const std::string script = "touch " + marks + "$$; sleep 0.05; n=$(ls " + marks +
                             "* | wc -l); rm " + marks + "$$; [ $n -le 2 ]";
  ProcessOptions options = options_of(std::vector<std::string>(5, script));
  options.jobs = 2;
  EXPECT_TRUE(run_processes(options));
  for (const auto& [id, code] : codes_) EXPECT_EQ(code, 0) << id;
  EXPECT_EQ(codes_.size(), 5U);
}

TEST_F(Processes, TheNextBeginsAtOnce) {
  const auto begun = Clock::now();
  EXPECT_TRUE(run_processes(options_of(std::vector<std::string>(10, "exit 0"))));
  EXPECT_LT(Clock::now() - begun, std::chrono::milliseconds(800));  // ten looks would be 1 s
}

TEST_F(Processes, NothingNowMayBeSomethingLater) {
  ProcessOptions options = options_of({"exit 0", "exit 0"});
  options.jobs = 2;
  const auto next = options.next;
  // The second waits for the first.
  options.next = [&, next] { return begun_ == 1 && codes_.empty() ? std::nullopt : next(); };
  EXPECT_TRUE(run_processes(options));
  EXPECT_EQ(codes_.size(), 2U);
}

TEST_F(Processes, StopEndsThoseUnderWay) {
  ProcessOptions options = options_of({"trap 'exit 130' TERM; sleep 10 & wait", "exit 0"});
  int asked = 0;
  options.stop = [&] { return ++asked > 2; };
  const auto begun = Clock::now();
  EXPECT_FALSE(run_processes(options));
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(5));
  EXPECT_THAT(codes_, ElementsAre(Pair(0, 130)));
}

TEST_F(Processes, WhatIsThrownEndsThem) {
  ProcessOptions options = options_of({"sleep 10", "exit 1"});
  options.jobs = 2;
  options.ended = [](std::size_t, int) { throw RuntimeFailure("test", "enough"); };
  const auto begun = Clock::now();
  EXPECT_THROW(run_processes(options), RuntimeFailure);
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(5));
}

TEST_F(Processes, NoneIsFine) { EXPECT_TRUE(run_processes(options_of({}))); }

}  // namespace
}  // namespace evenkeel
