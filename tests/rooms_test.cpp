// SPDX-License-Identifier: Apache-2.0
// A room includes only rooms above it, so that a stage knows only what it is built on.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "tests/support/paths.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 13> kRooms = {
    "base", "graph", "model",  "kernels", "compile", "runtime", "formats",
    "data", "train", "recipe", "study",   "report",  "cli"};

std::ptrdiff_t height(const std::string& room) {
  return std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin();
}

// "graph" of `#include "evenkeel/graph/op.h"`; empty for any other line.
std::string room_of_include(const std::string& line) {
  constexpr std::string_view kStart = "#include \"evenkeel/";
  const std::size_t slash = line.find('/', kStart.size());
  if (!line.starts_with(kStart) || slash == std::string::npos) return "";
  return line.substr(kStart.size(), slash - kStart.size());
}

TEST(Rooms, IncludeOnlyRoomsAboveThem) {
  const fs::path root = fs::path(test::kSourceDir) / "evenkeel";
  int lines = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") continue;
    const std::string room = *fs::relative(entry.path(), root).begin();
    if (room.ends_with(".h")) continue;  // what users include
    EXPECT_LT(height(room), std::ssize(kRooms)) << room << " is no room of the list";
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const std::string included = room_of_include(line);
      if (included.empty()) continue;
      ++lines;
      EXPECT_LE(height(included), height(room)) << entry.path() << ": " << line;
    }
  }
  EXPECT_GT(lines, 500);
}

// Every file of the project that `file` includes, directly or not: "model/model.h".
void collect_includes(const fs::path& root, const std::string& file, std::set<std::string>& found) {
  constexpr std::string_view kStart = "#include \"evenkeel/";
  std::ifstream lines(root / file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kStart)) continue;
    const std::string included = line.substr(kStart.size(), line.rfind('"') - kStart.size());
    if (found.insert(included).second) collect_includes(root, included, found);
  }
}

// Who builds, trains and predicts need not wait for the compiler to read ops, passes and kernels.
TEST(Rooms, TheUsersHeaderIsFreeOfOpsAndOfWhatComesBehindThem) {
  std::set<std::string> found;
  collect_includes(fs::path(test::kSourceDir) / "evenkeel", "evenkeel.h", found);
  EXPECT_TRUE(found.contains("train/trainer.h"));
  for (const std::string& file : found) {
    const std::string room = file.substr(0, file.find('/'));
    EXPECT_TRUE(room != "compile" && room != "kernels" && room != "runtime") << file;
    EXPECT_TRUE(room != "graph" || file == "graph/value.h" || file == "graph/attribute_types.h")
        << file;
  }
}

TEST(Rooms, OnlyTheOperatingSystemsRoomReadsTheEnvironment) {
  const fs::path root = fs::path(test::kSourceDir) / "evenkeel";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    if (entry.path().filename().string().starts_with("os")) continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);)
      EXPECT_EQ(line.find("getenv("), std::string::npos) << entry.path() << ": " << line;
  }
}

// The system's clock may jump: it dates what a run leaves behind, and names event files, which
// guard against it. All that takes time is measured by the steady one.
TEST(Rooms, OnlyDatesComeFromTheSystemsClock) {
  const fs::path root = fs::path(test::kSourceDir) / "evenkeel";
  const std::set<std::string> of_the_system = {"base/os_machine.cpp"};
  const std::set<std::string> dating = {"base/os_machine.cpp", "base/os_machine.h",
                                        "formats/event_file.cpp", "train/run_environment.cpp",
                                        "train/run_log.cpp"};
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = fs::relative(entry.path(), root);
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      for (const char* clock : {"system_clock", "CLOCK_REALTIME", "gettimeofday", "utc_clock"})
        EXPECT_TRUE(line.find(clock) == std::string::npos || of_the_system.contains(path))
            << path << ": " << line;
      EXPECT_TRUE(line.find("wall_clock") == std::string::npos || dating.contains(path))
          << path << ": " << line;
    }
  }
}

}  // namespace
}  // namespace evenkeel
