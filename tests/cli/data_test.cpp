// SPDX-License-Identifier: Apache-2.0
// Data sets by name and by path: the commands that list, get and check them, and those that use
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/command.h"
#include "tests/support/cifar_files.h"
#include "tests/support/image_folders.h"
#include "tests/support/npz_files.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<Json> objects_of(const std::string& text, const std::string& event) {
  std::vector<Json> objects;
  for (const std::string& line : lines_of(text)) {
    Json json = Json::parse(line);
    if (json.at("event") == event) objects.push_back(std::move(json));
  }
  return objects;
}

// pets/: 3 classes of 12x12 grey images, `count` each, without parts.
class DataCommand : public ::testing::Test {
 protected:
  void write_pets(std::size_t count, std::int64_t side = 12) const {
    write_classes(line_.path("pets"), {"cat", "dog", "newt"}, count, 0, side);
  }
  static std::vector<std::string> train(const std::string& data,
                                        const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"train",    "mlp",   "--data", data,        "--batch",
                                      "8",        "--out", "run",    "--threads", "1",
                                      "--epochs", "1",     "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  CommandLine line_;
};

TEST_F(DataCommand, ListsTheSetsThatAreKnown) {
  write_cifar10(line_.path("sets"), 3, 2, "cifar-10-batches-bin");
  const Outcome outcome = line_.run({"data", "list", "--data-dir", "sets"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* name : {"mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100"})
    EXPECT_THAT(outcome.out, HasSubstr(name));
  EXPECT_THAT(outcome.out, HasSubstr("sets/cifar-10-batches-bin"));
}

TEST_F(DataCommand, SaysWhereToGetASetThatItDoesNotDownload) {
  const Outcome outcome = line_.run({"data", "fetch", "cifar100"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("https://www.cs.toronto.edu/~kriz/cifar.html"));
  EXPECT_EQ(line_.run(train("kmnist")).code, 3);
}

TEST_F(DataCommand, VerifySaysThatItKnowsNoHash) {
  write_cifar10(line_.path("sets"), 3, 2);
  const Outcome outcome = line_.run({"data", "verify", "cifar10", "--data-dir", "sets"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("good  sets/cifar10/test_batch.bin"),
                    HasSubstr("SHA-256 should be is not known"), HasSubstr("airplane")));
}

TEST_F(DataCommand, VerifyShowsClassesAndWhatIsWrongOfAFolder) {
  write_pets(20);
  Outcome outcome = line_.run({"data", "verify", "pets"});
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("pets: nothing to mend"),
                                 HasSubstr("pets: 3 classes, 12x12, 1 channel"),
                                 HasSubstr("class  train  validation  test"),
                                 HasSubstr("newt      16           2     2")));
  write_bytes(line_.path("pets/dog/bad.png"), bytes_of("no image"));
  for (std::uint64_t i = 0; i < 20; ++i)
    write_png_file(line_.path("pets/cat/again" + std::to_string(i) + ".png"), class_image(0, i));
  outcome = line_.run({"data", "verify", "pets"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("BAD   pets/dog/bad.png: expected a PNG or JPEG"),
                                 HasSubstr("are in train too"), HasSubstr("(pets/cat/again")));
  EXPECT_THAT(outcome.err, HasSubstr("to mend before training"));
}

TEST_F(DataCommand, VerifyGivesTheSameAsJson) {
  write_pets(20);
  write_bytes(line_.path("pets/dog/bad.png"), bytes_of("no image"));
  const Outcome outcome = line_.run({"data", "verify", "pets", "--json"});
  EXPECT_EQ(outcome.code, 3);
  const auto parts = objects_of(outcome.out, "part");
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].at("of_class"), Json({16, 16, 16}));
  const auto findings = objects_of(outcome.out, "finding");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].at("kind"), "image");
  EXPECT_EQ(findings[0].at("file"), "pets/dog/bad.png");
  EXPECT_EQ(findings[0].at("spoils"), true);
  const auto sets = objects_of(outcome.out, "set");
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].at("wrong"), 1);
  EXPECT_EQ(sets[0].at("class_names"), Json({"cat", "dog", "newt"}));
  EXPECT_EQ(line_.run({"data", "verify", "pets", "--skip-bad"}).code, 0);
}

TEST_F(DataCommand, TrainsEvaluatesAndPredictsOnAFolder) {
  write_pets(20);
  Outcome outcome = line_.run(train("pets"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  outcome = line_.run({"evaluate", "run", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out).at("data"), "pets");
  EXPECT_EQ(Json::parse(outcome.out).at("images"), 6);
  outcome = line_.run({"predict", "run", "pets/newt/003.png", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(Json::parse(outcome.out).at("name"), ::testing::AnyOf("cat", "dog", "newt"));
  EXPECT_EQ(line_.run({"predict", "run", "--index", "0-5", "--no-picture"}).code, 0);
}

// Else it would be evaluated on images that it was trained on.
TEST_F(DataCommand, EvaluatesOnTheImagesThatTheRunPutAside) {
  write_pets(20);
  ASSERT_EQ(line_.run(train("pets", {"--set", "data.test=18", "--set", "data.split_seed=7"})).code,
            0);
  const Outcome outcome = line_.run({"evaluate", "run", "--json"});
  EXPECT_EQ(Json::parse(outcome.out).at("images"), 18);
}

TEST_F(DataCommand, TrainsOnAnNpzFile) {
  write_npz(line_.path("set.npz"), 120, 20);
  const Outcome outcome = line_.run(train("set.npz"));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Json::parse(line_.run({"evaluate", "run", "--json"}).out).at("images"), 20);
}

TEST_F(DataCommand, SkipsBadFilesOnlyWhereAsked) {
  write_pets(20);
  write_bytes(line_.path("pets/dog/bad.png"), bytes_of("no image"));
  Outcome outcome = line_.run(train("pets"));
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("pets/dog/bad.png"), HasSubstr("--skip-bad")));
  EXPECT_FALSE(fs::exists(line_.path("run")));
  outcome = line_.run(train("pets", {"--skip-bad"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("1 file of pets was skipped: pets/dog/bad.png"));
  EXPECT_EQ(line_.run({"evaluate", "run"}).code, 0) << "as its run";
}

TEST_F(DataCommand, RefusesWhatIsNoDataSet) {
  EXPECT_EQ(line_.run(train("mnsit")).code, 2);
  EXPECT_EQ(line_.run(train("./pets")).code, 3);
  fs::create_directories(line_.path("pets/cat"));
  const Outcome outcome = line_.run(train("pets"));
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("pets/cat: expected images"));
  EXPECT_THAT(line_.run({"data", "verify", "mnsit"}).err, HasSubstr("did you mean 'mnist'?"));
}

}  // namespace
}  // namespace evenkeel::test
