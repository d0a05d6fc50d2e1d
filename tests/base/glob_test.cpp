// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace evenkeel {
namespace {

TEST(Glob, MatchesWholeNames) {
  EXPECT_TRUE(glob_matches("bn1", "bn1"));
  EXPECT_FALSE(glob_matches("bn1", "bn10"));
  EXPECT_FALSE(glob_matches("n1", "bn1"));
  EXPECT_FALSE(glob_matches("bn1", ""));
  EXPECT_TRUE(glob_matches("", ""));
}

TEST(Glob, StarIsAnyCharactersAndNone) {
  for (const char* name : {"bn", "bn1", "bn/a"}) EXPECT_TRUE(glob_matches("bn*", name)) << name;
  EXPECT_TRUE(glob_matches("*/bn*", "block1/bn2"));
  EXPECT_TRUE(glob_matches("*bn*bn*", "bn1bn"));
  EXPECT_TRUE(glob_matches("a*b*c", "axbxbxc"));
  EXPECT_FALSE(glob_matches("a*b*c", "axbxb"));
  EXPECT_TRUE(glob_matches("***", ""));
}

TEST(Glob, QuestionMarkIsOneCharacter) {
  EXPECT_TRUE(glob_matches("bn?", "bn1"));
  EXPECT_FALSE(glob_matches("bn?", "bn"));
  EXPECT_FALSE(glob_matches("bn?", "bn10"));
  EXPECT_TRUE(glob_matches("*?", "x"));
}

TEST(Glob, OfManyStarsEndsSoon) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace evenkeel
