// SPDX-License-Identifier: Apache-2.0
// docs/tutorial.md, followed line by line: on small sets, which are all that differs.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/cli/command.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;

std::string tutorial() {
  const ByteVector bytes = read_bytes(fs::path(kSourceDir) / "docs/tutorial.md");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The lines that a reader types, which stand by themselves: "    ./run train ...".
std::vector<std::string> commands_of(const std::string& page) {
  const std::string prompt = "    ./run ";
  std::vector<std::string> commands;
  for (const std::string& line : lines_of(page))
    if (line.starts_with(prompt)) commands.push_back(line.substr(prompt.size()));
  return commands;
}

TEST(SlowTutorial, every_command_works) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 1056, 64);
  write_idx_set(line.path("sets"), "fashion-mnist", 1056, 64, 2);
  line.set("EVENKEEL_DATA", line.path("sets"));
  fs::create_symlink(fs::path(kSourceDir) / "recipes", line.path("recipes"));
  const std::string page = tutorial();
  EXPECT_FALSE(std::regex_search(page, std::regex("@@[A-Z]+@@")))
      << "a place for what a command prints";
  const std::vector<std::string> commands = commands_of(page);
  ASSERT_GE(commands.size(), 15U);
  for (const std::string& command : commands) {
    const Outcome outcome =
        line.run_program({"/bin/sh", "-c", std::string(kBinary) + " " + command});
    // It finds that these files are not MNIST's.
    const bool verifies = command == "data verify mnist";
    EXPECT_EQ(outcome.code, verifies ? 3 : 0) << command << '\n' << outcome.out << outcome.err;
  }
  for (const char* made : {"runs/first/report.html", "runs/tuning/sweep.html", "lr-find.svg"})
    EXPECT_TRUE(fs::exists(line.path(made))) << made;
}

TEST(Tutorial, shows_every_recipe_and_links_only_what_is_there) {
  const std::string page = tutorial();
  for (const auto& entry : fs::directory_iterator(fs::path(kSourceDir) / "recipes")) {
    const std::string name = entry.path().filename().string();
    EXPECT_NE(page.find("(../recipes/" + name + ")"), std::string::npos) << name;
  }
  const std::regex link(R"(\]\(([^):]+)\))");
  for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at)
    EXPECT_TRUE(fs::exists(fs::path(kSourceDir) / "docs" / (*at)[1].str())) << (*at)[1];
}

}  // namespace
}  // namespace evenkeel::test
