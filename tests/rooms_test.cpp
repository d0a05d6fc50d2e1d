// A room includes only rooms above it, so that a stage knows only what it is built on.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 12> kRooms = {"base",    "graph",   "model",   "kernels",
                                                     "compile", "runtime", "formats", "data",
                                                     "train",   "study",   "report",  "cli"};

std::ptrdiff_t height(const std::string& room) {
  return std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin();
}

TEST(Rooms, IncludeOnlyRoomsAboveThem) {
  const fs::path root = fs::path(EVENKEEL_SOURCE_DIR) / "evenkeel";
  const std::regex include("#include \"evenkeel/(\\w+)/[^\"]*\".*");
  int lines = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") continue;
    const std::string room = *fs::relative(entry.path(), root).begin();
    if (room == "evenkeel.h") continue;
    EXPECT_LT(height(room), std::ssize(kRooms)) << room << " is no room of the list";
    std::ifstream file(entry.path());
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
      if (!std::regex_match(line, match, include)) continue;
      ++lines;
      EXPECT_LE(height(match[1]), height(room)) << entry.path() << ": " << line;
    }
  }
  EXPECT_GT(lines, 500);
}

TEST(Rooms, OnlyTheOperatingSystemsRoomReadsTheEnvironment) {
  const fs::path root = fs::path(EVENKEEL_SOURCE_DIR) / "evenkeel";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    if (entry.path().filename().string().starts_with("os")) continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);)
      EXPECT_EQ(line.find("getenv("), std::string::npos) << entry.path() << ": " << line;
  }
}

}  // namespace
}  // namespace evenkeel
