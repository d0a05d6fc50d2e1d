// SPDX-License-Identifier: Apache-2.0
// environment.json and log.txt.
#include "evenkeel/train/run_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/train/run_log.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

std::string text_in(const std::filesystem::path& path) {
  const auto bytes = test::read_bytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void no_remark(const std::string& text) { ADD_FAILURE() << text; }

TEST(RunEnvironment, EachProcessAddsASession) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(read_sessions(folder.path()), IsEmpty());
  add_session(folder.path(), 0, 2, no_remark);
  add_session(folder.path(), 429, 1, no_remark);
  const auto json = nlohmann::json::parse(text_in(folder / "environment.json"));
  ASSERT_EQ(json.at("sessions").size(), 2U);
  const auto& first = json.at("sessions").at(0);
  for (const char* key : {"version", "instruction_set", "onednn", "processor", "system", "compiler",
                          "host", "started"})
    EXPECT_FALSE(first.at(key).get<std::string>().empty()) << key;
  EXPECT_EQ(first.at("threads"), 2);
  EXPECT_GE(first.at("cores").get<int>(), 1);
  EXPECT_THAT(first.at("command").at(0).get<std::string>(), HasSubstr("test_train"));
  const auto sessions = read_sessions(folder.path());
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].step, 0);
  EXPECT_EQ(sessions[1].step, 429);
  EXPECT_THAT(sessions[1].started, MatchesRegex("20..-..-..T..:..:..Z"));
}

TEST(RunEnvironment, ADamagedFileIsToldAndBegunAnew) {
  const test::TemporaryFolder folder;
  for (const char* text : {"", "x", "[]", R"({"sessions":7})", R"({"sessions":[7]})"}) {
    test::write_bytes(folder / "environment.json", test::bytes_of(text));
    EXPECT_THROW(read_sessions(folder.path()), DataError) << text;
    std::string told;
    add_session(folder.path(), 3, 1, [&](const std::string& what) { told += what; });
    EXPECT_THAT(told, HasSubstr("environment.json")) << text;
    EXPECT_THAT(told, HasSubstr("begun anew")) << text;
    EXPECT_EQ(read_sessions(folder.path()).size(), 1U) << text;
  }
}

TEST(RunLog, LinesStandBehindTheirSeconds) {
  const test::TemporaryFolder folder;
  {
    RunLog log(folder.path());
    log.add("one");
    log.add("two\nthree\n");
  }
  RunLog(folder.path()).add("again");
  EXPECT_THAT(text_in(folder / "log.txt"),
              MatchesRegex("\\[     0\\.0..\\] 20..-..-..T..:..:..Z\n"
                           "\\[ +[0-9.]+\\] one\n\\[ +[0-9.]+\\] two\n\\[ +[0-9.]+\\] three\n"
                           "\\[     0\\.0..\\] 20..-..-..T..:..:..Z\n\\[ +[0-9.]+\\] again\n"));
}

}  // namespace
}  // namespace evenkeel
