// SPDX-License-Identifier: Apache-2.0
// `lr-find` as a person runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/command.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LrFindCommand : public ::testing::Test {
 protected:
  LrFindCommand() { write_idx_set(line_.path("sets"), "mnist", 400, 20); }

  Outcome run(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"lr-find", "mlp", "--data-dir", "sets",
                                      "--batch", "16",  "--threads",  "1"};
    words.insert(words.end(), more.begin(), more.end());
    return line_.run(words);
  }
  bool exists(const std::string& path) { return fs::exists(line_.path(path)); }

  CommandLine line_;
};

TEST_F(LrFindCommand, PrintsASuggestionAndWritesAPicture) {
  const Outcome outcome = run({"--steps", "60"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("mlp on mnist, adam, batches of 16, seed 1"),
                    HasSubstr("Suggested learning rate: "), HasSubstr("lr-find.html")));
  EXPECT_TRUE(exists("lr-find.html"));
  EXPECT_FALSE(exists("runs"));
}

TEST_F(LrFindCommand, GivesNumbers) {
  const Outcome outcome = run({"--steps", "30", "--from", "1e-5", "--to", "1e-2", "--optimizer",
                               "sgd", "--momentum", "0.9", "--json", "--out", "curve.svg"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["points"].size(), 30U);
  EXPECT_EQ(json["end"], "all-steps");
  EXPECT_TRUE(exists("curve.svg"));
}

TEST_F(LrFindCommand, TakesARecipe) {
  const ByteVector recipe = bytes_of("[model]\nname = \"mlp\"\n[train]\nbatch = 8\nseed = 5\n");
  write_bytes(line_.path("mine.toml"), recipe);
  const Outcome outcome = line_.run({"lr-find", "mine.toml", "--set", "optimizer.name=sgd",
                                     "--data-dir", "sets", "--steps", "5", "--threads", "1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("mlp on mnist, sgd, batches of 8, seed 5"),
                                 HasSubstr("No suggestion: only 5 steps")));
}

TEST_F(LrFindCommand, DivergenceIsAResult) {
  const Outcome outcome = run({"--optimizer", "sgd", "--from", "1", "--to", "1e25", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(Json::parse(outcome.out)["end"], "all-steps");
}

TEST_F(LrFindCommand, RefusesWrongUse) {
  const auto expect_refused = [&](const std::vector<std::string>& more, const std::string& text) {
    const Outcome outcome = run(more);
    EXPECT_EQ(outcome.code, 2) << text;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_THAT(outcome.out, IsEmpty());
  };
  expect_refused({"--from", "0"}, "above 0");
  expect_refused({"--from", "1", "--to", "0.1"}, "above the first");
  expect_refused({"--steps", "1"}, "--steps");
  expect_refused({"--out", "curve.png"}, ".html or .svg");
  expect_refused({"--out", "nowhere/curve.svg"}, "a folder that is there");
  expect_refused({"--optimizer", "sdg"}, "did you mean 'sgd'");
  expect_refused({"--set", "train.lrr=1"}, "did you mean 'train.lr'");
  const Outcome large =
      line_.run({"lr-find", "mlp", "--data-dir", "sets", "--set", "train.batch=500"});
  EXPECT_EQ(large.code, 2);
  EXPECT_THAT(large.err, HasSubstr("500"));
  EXPECT_FALSE(exists("lr-find.html"));
}

}  // namespace
}  // namespace evenkeel::test
