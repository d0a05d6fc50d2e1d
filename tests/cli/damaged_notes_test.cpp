// SPDX-License-Identifier: Apache-2.0
// A run.json that is damaged costs a run nothing: checkpoints and recipe.toml have the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/recipe_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DamagedNotes : public ::testing::Test {
 protected:
  DamagedNotes() { EXPECT_EQ(line_.train("tiny.toml", "out", {"--quiet"}).code, 0); }
  Outcome resume(const std::string& from) {
    return line_.run({"train", "--resume", from, "--data-dir", "sets", "--threads", "1"});
  }

  RecipeRun line_;
  std::string last_ = "out/step-00000030.safetensors";
  std::string first_ = "out/step-00000015.safetensors";
};

TEST_F(DamagedNotes, BesideAGoodCheckpointAreAWarningAndWrittenAnew) {
  const std::string notes = line_.text("out/run.json");
  const ByteVector whole = line_.bytes(last_);
  const std::string another = R"({"batch": "eight"})";
  for (const std::string& damage : {notes.substr(0, notes.size() / 2), std::string(), another})
    for (const std::string& from : {std::string("out"), first_}) {
      fs::remove(line_.path(last_));
      line_.write("out/run.json", damage);
      const Outcome outcome = resume(from);
      ASSERT_EQ(outcome.code, 0) << outcome.err;
      EXPECT_THAT(outcome.err,
                  AllOf(HasSubstr("warning: out/run.json is damaged: the settings are taken from "
                                  "step-00000015.safetensors, and it is written anew"),
                        Not(HasSubstr("remove"))));
      EXPECT_EQ(line_.text("out/run.json"), notes);
      EXPECT_EQ(line_.bytes(last_), whole);
    }
}

TEST_F(DamagedNotes, WithoutACheckpointAreTakenFromTheRecipe) {
  const std::string notes = line_.text("out/run.json");
  const ByteVector whole = line_.bytes(last_);
  const std::string recipe = line_.text("out/recipe.toml");
  fs::remove_all(line_.path("out"));
  fs::create_directory(line_.path("out"));
  line_.write("out/recipe.toml", recipe);
  line_.write("out/run.json", "{");
  const Outcome outcome = resume("out");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("the settings are taken from recipe.toml"));
  EXPECT_EQ(line_.text("out/run.json"), notes);
  EXPECT_EQ(line_.bytes(last_), whole);
}

TEST_F(DamagedNotes, WithNeitherAreAnErrorThatAdvisesNoRemoving) {
  fs::remove_all(line_.path("out"));
  fs::create_directory(line_.path("out"));
  line_.write("out/run.json", "{");
  const Outcome outcome = resume("out");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("[out/run.json] expected the settings of a run"),
                                 Not(HasSubstr("remove"))));
}

}  // namespace
}  // namespace evenkeel::test
