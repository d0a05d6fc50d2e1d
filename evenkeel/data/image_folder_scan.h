// SPDX-License-Identifier: Apache-2.0
// Which files of a folder are images of which class, without opening them: CLASS/name.png, or
// train/, validation/ and test/ with such folders in them.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace evenkeel::datasets {

struct BadFile {
  std::filesystem::path path;
  std::string problem;
};

struct FolderImage {
  std::filesystem::path path;
  std::int32_t label = 0;
};

struct FolderScan {
  // In the order train, validation, test; within a part by class, then by name, in the order of
  // their bytes, so that it is the same on every machine.
  std::array<std::vector<FolderImage>, 3> parts;
  std::array<bool, 3> is_there{};    // has the folder this part? Undivided, all is train
  std::vector<std::string> classes;  // the names of the class folders, sorted
  std::vector<BadFile> strays;       // images that lie in no class or are of another format
  std::vector<std::string> faults;  // what the folder cannot be used with: empty class folders, …
};

inline constexpr std::array<const char*, 3> kPartNames = {"train", "validation", "test"};

// Images are *.png, *.jpg and *.jpeg in any case. Left out without a word: what begins with a dot,
// and files of other kinds; symbolic links are followed. DataError where `root` is no folder or
// cannot be listed.
FolderScan scan_folder(const std::filesystem::path& root);

}  // namespace evenkeel::datasets
