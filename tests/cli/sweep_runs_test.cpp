// SPDX-License-Identifier: Apache-2.0
// The runs of a sweep: networks of other structure, and the data that they share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "evenkeel/base/os.h"
#include "evenkeel/train/checkpoint.h"
#include "tests/cli/recipe_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SweepRuns : public ::testing::Test {
 protected:
  static std::vector<std::string> words(const std::string& out,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> words = {"sweep", "tiny.toml", "--data-dir", "sets",
                                      "--out", out,         "--set",      "train.epochs=1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::map<std::string, Tensor> tensors(const std::string& run) const {
    return Checkpoint::read(line_.path(run) / "step-00000015.safetensors").tensors;
  }

  RecipeRun line_;
};
class SlowSweepRuns : public SweepRuns {};

TEST_F(SweepRuns, OfOtherWidthsHaveOtherWeights) {
  const Outcome outcome = line_.run(words("out", {"--grid", "model.width=0.5,1"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(tensors("out/001-width-0.5").at("dense1/kernel").shape, (Shape{49, 8}));
  EXPECT_EQ(tensors("out/002-width-1").at("dense1/kernel").shape, (Shape{49, 16}));
  // As many classes as before.
  EXPECT_EQ(tensors("out/001-width-0.5").at("dense2/kernel").shape, (Shape{8, 10}));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("a grid of model.width (2): 2 done"),
                                 HasSubstr("evenkeel train tiny.toml --set train.epochs=1 --set "
                                           "model.width=")));
}

TEST_F(SweepRuns, WithAndWithoutBatchNormAreTwoMapsOnThePage) {
  const Outcome outcome =
      line_.run(words("out", {"--grid", "model.batch_norm=true,false", "--grid",
                              "train.lr=0.001,0.01", "--grid", "train.batch=8,16"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string with = "out/001-batch_norm-true-lr-0.001-batch-8";
  const std::string without = "out/005-batch_norm-false-lr-0.001-batch-8";
  EXPECT_EQ(tensors(with).count("bn1/gamma"), 1U);
  EXPECT_EQ(tensors(without).count("bn1/gamma"), 0U);
  const std::string page = line_.text("out/sweep.html");
  const std::string map = "aria-label=\"Validation accuracy by train.lr and train.batch ";
  EXPECT_THAT(page, AllOf(HasSubstr(map + "with batch norm\""),
                          HasSubstr(map + "without batch norm\""), Not(HasSubstr("div."))));
}

// Of a process, that are alive.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    const std::size_t behind_name = stat.rfind(") ");  // "<id> (<name>) S <parent> ..."
    if (behind_name == std::string::npos || stat.size() < behind_name + 5) continue;
    if (std::atol(stat.c_str() + behind_name + 4) == parent) children.push_back(std::stoi(name));
  }
  return children;
}

bool maps_file(pid_t process, const fs::path& file) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.ends_with(" " + file.string())) return true;
  return false;
}

TEST_F(SlowSweepRuns, MapTheDataThatTheSweepHasDecoded) {
  write_idx_set(line_.path("sets"), "mnist", 1056, 64);  // large enough to be kept decoded
  const pid_t sweep =
      line_.start({"sweep", "tiny.toml", "--data-dir", "sets", "--out", "out", "--set",
                   "train.epochs=100000", "--grid", "train.lr=0.001,0.01", "--jobs", "2"});
  const auto trains = [&](const char* run) {
    return fs::exists(line_.path("out") / run / "metrics.jsonl");
  };
  for (int i = 0; i < 6000 && !(trains("001-lr-0.001") && trains("002-lr-0.01")); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));

  std::vector<fs::path> decoded;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(line_.path(".cache/evenkeel/decoded"), none))
    decoded.push_back(fs::canonical(entry.path()));
  const std::vector<pid_t> runs = children_of(sweep);
  std::vector<bool> mapped;
  mapped.reserve(runs.size());
  for (const pid_t run : runs)
    mapped.push_back(!decoded.empty() && maps_file(run, decoded.front()));
  const auto begun = fs::last_write_time(line_.path("out/.lock"));
  ::kill(sweep, SIGINT);
  EXPECT_EQ(line_.finish(sweep).code, 130);

  ASSERT_EQ(decoded.size(), 1U) << "the training images; the test set is too small";
  EXPECT_EQ(runs.size(), 2U);
  EXPECT_EQ(mapped, (std::vector<bool>{true, true}));
  // Written before the first run began, and by none of them anew.
  EXPECT_LE(fs::last_write_time(decoded.front()), begun);
}

}  // namespace
}  // namespace evenkeel::test
