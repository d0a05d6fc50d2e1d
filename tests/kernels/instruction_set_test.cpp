// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/instruction_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/base/error.h"
#include "evenkeel/train/checkpoint.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

TEST(InstructionSet, IsTheBestUnlessAnotherIsChosen) {
  const std::vector<std::string> sets = instruction_sets();
  ASSERT_FALSE(sets.empty());
  EXPECT_EQ(instruction_set(), sets[0]);
  for (const std::string& set : sets) {
    use_native_instruction_set(set);
    EXPECT_EQ(instruction_set(), set);
    EXPECT_EQ(numeric_environment(1).instruction_set, set);
    EXPECT_EQ(instruction_sets(), sets);
  }
  use_native_instruction_set("auto");
  EXPECT_EQ(instruction_set(), sets[0]);
}

TEST(InstructionSet, OnesThatAreNotHereAreRefused) {
  const std::vector<std::string> sets = instruction_sets();
  for (const char* name : {"avx512", "avx2", "sve2", "sve", "neon", "altivec", ""}) {
    if (std::find(sets.begin(), sets.end(), name) != sets.end()) continue;
    try {
      use_instruction_set(name);
      FAIL() << name;
    } catch (const InvalidArgument& error) {
      for (const std::string& set : sets) EXPECT_THAT(error.what(), HasSubstr(set));
    }
  }
  EXPECT_EQ(instruction_set(), sets[0]);
}

#ifdef __x86_64__
TEST(InstructionSet, OfX86AreThree) {
  const std::vector<std::string> known = {"avx512", "avx2", "portable"};
  for (const std::string& set : instruction_sets()) EXPECT_THAT(known, ::testing::Contains(set));
  EXPECT_EQ(instruction_sets().back(), "portable");
}
#endif

}  // namespace
}  // namespace evenkeel
