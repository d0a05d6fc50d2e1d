// SPDX-License-Identifier: Apache-2.0
// What the command says of itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/base/version.h"
#include "tests/cli/command.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Help, ListsTheCommandsThatWork) {
  CommandLine line;
  const Outcome outcome = line.run({"--help"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  for (const char* command :
       {"train", "evaluate", "predict", "summary", "doctor", "recalibrate", "compare", "recipe",
        "runs", "report", "lr-find", "sweep", "data", "version"})
    EXPECT_THAT(outcome.out, HasSubstr(command));
  for (const char* later : {"export", "import", "serve"})
    EXPECT_THAT(outcome.out, Not(HasSubstr(later)));
}

TEST(Help, ShowsTheFlagsOfTrainWithTheirDefaults) {
  CommandLine line;
  const std::string text = line.run({"train", "--help"}).out;
  for (const char* flag : {"--data NAME|PATH=mnist",
                           "--data-dir",
                           "--loaders N=1 where images are augmented, else 0",
                           "--epochs N=10",
                           "--batch N=128",
                           "--lr X=0.001",
                           "--adam-form NAME=tensorflow",
                           "--statistics-rule NAME=count-weighted",
                           "--seed N=1",
                           "--threads N=",
                           "--precision NAME=f32",
                           "--kernels NAME=auto",
                           "--isa NAME=auto",
                           "--math NAME=fast",
                           "--out DIR=runs/NNN-MODEL",
                           "--resume RUN|CHECKPOINT",
                           "--log-every N=100",
                           "--eval-every N=1",
                           "--save-every N|TIME=0",
                           "--keep N=5",
                           "--json",
                           "--quiet",
                           "--profile"})
    EXPECT_THAT(text, HasSubstr(flag));
}

TEST(Help, IsThereForEveryCommand) {
  CommandLine line;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"evaluate"},
                                             {"predict"},
                                             {"summary"},
                                             {"doctor"},
                                             {"compare"},
                                             {"data"},
                                             {"data", "list"},
                                             {"data", "fetch"},
                                             {"data", "verify"},
                                             {"version"}}) {
    std::vector<std::string> with_help = words;
    with_help.emplace_back("--help");
    const Outcome outcome = line.run(with_help);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("Usage: evenkeel"));
  }
}

TEST(Version, SaysWhatNumbersDependOn) {
  CommandLine line;
  EXPECT_THAT(line.run({"version"}).out,
              AllOf(HasSubstr(std::string("evenkeel ") + kVersion), HasSubstr("instruction set"),
                    HasSubstr("oneDNN"), HasSubstr("threads")));
  const auto json = nlohmann::json::parse(line.run({"version", "--json"}).out);
  EXPECT_EQ(json.at("version"), kVersion);
  EXPECT_GE(json.at("threads").get<int>(), 1);
  EXPECT_EQ(json.at("instruction_set"), json.at("instruction_sets").at(0));
  EXPECT_THAT(line.run({"--version"}).out, HasSubstr(kVersion));
}

TEST(Data, ListSaysWhereASetIs) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 24, 4);
  EXPECT_THAT(line.run({"data", "list", "--data-dir", "sets"}).out, HasSubstr("sets/mnist"));
  const auto lines = lines_of(line.run({"data", "list", "--json", "--data-dir", "sets"}).out);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(nlohmann::json::parse(lines[0]).at("found_in"), "sets/mnist");
  EXPECT_THAT(line.run({"data", "fetch", "mnist", "--data-dir", "sets"}).out,
              HasSubstr("mnist is in sets/mnist"));
}

}  // namespace
}  // namespace evenkeel::test
