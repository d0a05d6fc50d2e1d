// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "evenkeel/base/os.h"

namespace evenkeel::os {
namespace {

// Sets a variable (or unsets it) until the end of a test.
class Variable {
 public:
  Variable(std::string name, const char* value)
      : name_(std::move(name)), before_(environment(name_)) {
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value == nullptr)
      ::unsetenv(name_.c_str());
    else
      ::setenv(name_.c_str(), value, 1);
  }
  std::string name_;
  std::optional<std::string> before_;
};

TEST(Environment, tells_a_value_from_none) {
  const Variable set("EVENKEEL_TEST_VARIABLE", "value");
  EXPECT_EQ(environment("EVENKEEL_TEST_VARIABLE"), "value");
  const Variable empty("EVENKEEL_TEST_VARIABLE", "");
  EXPECT_EQ(environment("EVENKEEL_TEST_VARIABLE"), std::nullopt);
}

TEST(UserCacheDirectory, follows_XDG_then_home_and_ignores_a_relative_path) {
  const Variable home("HOME", "/home/someone");
  const Variable absolute("XDG_CACHE_HOME", "/caches");
  EXPECT_EQ(user_cache_directory(), "/caches/evenkeel");
  const Variable relative("XDG_CACHE_HOME", "caches");
  EXPECT_EQ(user_cache_directory(), "/home/someone/.cache/evenkeel");
  const Variable unset("XDG_CACHE_HOME", nullptr);
  EXPECT_EQ(user_cache_directory(), "/home/someone/.cache/evenkeel");
}

TEST(Terminal, a_pipe_is_none_and_has_the_width_asked_for) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  EXPECT_FALSE(is_terminal(ends[0]));
  EXPECT_EQ(terminal_width(ends[1], 72), 72);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_FALSE(is_terminal(-1));
}

TEST(Process, peak_memory_grows_by_what_is_touched) {
  const std::size_t before = peak_resident_bytes();
  EXPECT_GT(before, std::size_t{1} << 20);
  EXPECT_LT(before, std::size_t{1} << 40);
  const std::vector<char> touched(before + (64 << 20), 1);
  EXPECT_GE(peak_resident_bytes(), before + (60 << 20) * touched[0]);
}

TEST(Process, time_since_its_start_runs_with_the_clock) {
  const double first = seconds_since_process_start();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const double second = seconds_since_process_start();
  EXPECT_GE(first, 0.0);
  EXPECT_LT(first, 3600.0);
  EXPECT_NEAR(second - first, 0.05, 0.045);
}

}  // namespace
}  // namespace evenkeel::os
