// SPDX-License-Identifier: Apache-2.0
// Threads that make batches ready never show in what is trained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/recipe_run.h"

namespace evenkeel::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kLastOfLoaders = "/step-00000030.safetensors";

class Loaders : public ::testing::Test {
 protected:
  Outcome train(const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"--set", "augment.flip=true", "--set", "augment.rotate=10",
                                      "--set", "augment.cutout=6"};
    words.insert(words.end(), more.begin(), more.end());
    return line_.train("tiny.toml", out, words);
  }

  RecipeRun line_;
};

TEST_F(Loaders, OfAnyNumberGiveTheSameBytesFromAugmentedImages) {
  ASSERT_EQ(train("one", {"--loaders", "1"}).code, 0);
  ASSERT_EQ(train("three", {"--loaders", "3"}).code, 0);
  ASSERT_EQ(train("none", {"--set", "data.loaders=0"}).code, 0);
  ASSERT_EQ(train("usual", {}).code, 0);
  const ByteVector bytes = line_.bytes(std::string("one") + kLastOfLoaders);
  for (const char* other : {"three", "none", "usual"})
    EXPECT_EQ(line_.bytes(std::string(other) + kLastOfLoaders), bytes) << other;
  EXPECT_THAT(line_.text("three/recipe.toml"), HasSubstr("loaders = 3\n"));
  EXPECT_THAT(line_.text("usual/recipe.toml"), Not(HasSubstr("loaders")));
}

TEST_F(Loaders, MayBeOthersInAResumedRun) {
  ASSERT_EQ(train("whole", {}).code, 0);
  ASSERT_EQ(train("parts", {"--loaders", "3", "--epochs", "1"}).code, 0);
  const std::vector<std::string> resume = {"train", "--resume",   "parts", "--epochs",
                                           "2",     "--data-dir", "sets"};
  std::vector<std::string> with_two = resume;
  with_two.insert(with_two.end(), {"--loaders", "2"});
  const Outcome outcome = line_.run(with_two);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(line_.bytes(std::string("parts") + kLastOfLoaders),
            line_.bytes(std::string("whole") + kLastOfLoaders));
  // Whoever does not say keeps what the run had.
  ASSERT_EQ(line_.run(resume).code, 0);
  EXPECT_THAT(line_.text("parts/recipe.toml"), HasSubstr("loaders = 2\n"));
}

TEST_F(Loaders, OfANumberThatMakesNoSenseAreRefused) {
  const Outcome flag = train("a", {"--loaders", "5000"});
  EXPECT_EQ(flag.code, 2);
  EXPECT_THAT(flag.err, HasSubstr("--loaders"));
  const Outcome set = train("a", {"--set", "data.loaders=5000"});
  EXPECT_EQ(set.code, 2);
  EXPECT_THAT(set.err, HasSubstr("[--set data.loaders] expected at most 1024 threads, got 5000"));
}

}  // namespace
}  // namespace evenkeel::test
