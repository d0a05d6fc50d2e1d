// SPDX-License-Identifier: Apache-2.0
// The folder in the user's cache that holds what sets were decoded to: entries "<name>.decoded".
#pragma once

#include <filesystem>
#include <string>

namespace evenkeel::datasets {

// Where entries are kept; empty where `used` is false or there is no home folder.
std::filesystem::path decoded_folder(bool used);

// "<stem>-<hash of text>.decoded" in the folder.
std::filesystem::path entry_path(const std::filesystem::path& folder, const std::string& stem,
                                 const std::string& text);

// One spelling for each file.
std::string full_path(const std::filesystem::path& path);

// Removes the oldest entries of a folder that has more than 16, and what killed processes left half
// written more than a day ago.
void keep_newest(const std::filesystem::path& folder);

}  // namespace evenkeel::datasets
