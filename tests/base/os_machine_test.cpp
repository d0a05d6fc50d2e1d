// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace evenkeel::os {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Machine, SaysWhatItIs) {
  EXPECT_THAT(host_name(), Not(IsEmpty()));
  EXPECT_THAT(processor_name(), Not(IsEmpty()));
  EXPECT_THAT(system_name(), StartsWith("Linux "));
  EXPECT_THAT(compiler_name(), AnyOf(StartsWith("GCC "), StartsWith("clang ")));
  ASSERT_THAT(command_line(), Not(IsEmpty()));
  EXPECT_THAT(command_line().front(), HasSubstr("test_base"));
  EXPECT_GT(wall_clock(), 1.7e9);
}

TEST(Machine, TimesAreUtc) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1772269625.9), "2026-02-28T09:07:05Z");
  EXPECT_EQ(utc_text(-0.5), "1969-12-31T23:59:59Z");
}

TEST(Machine, TheFirstLocaleThatIsSetDecides) {
  std::map<std::string, std::string> before;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const char* value = std::getenv(name)) before[name] = value;
    ::unsetenv(name);
  }
  EXPECT_FALSE(locale_is_utf8());
  ::setenv("LANG", "de_AT.utf8", 1);
  EXPECT_TRUE(locale_is_utf8());
  ::setenv("LC_CTYPE", "C", 1);
  EXPECT_FALSE(locale_is_utf8());
  ::setenv("LC_ALL", "C.UTF-8", 1);
  EXPECT_TRUE(locale_is_utf8());
  ::setenv("LC_ALL", "", 1);  // as if it were not set
  EXPECT_FALSE(locale_is_utf8());
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) ::unsetenv(name);
  for (const auto& [name, value] : before) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace
}  // namespace evenkeel::os
