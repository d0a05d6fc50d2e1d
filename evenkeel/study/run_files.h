// SPDX-License-Identifier: Apache-2.0
// What tells the folder of a run from other folders.
#pragma once

#include <filesystem>
#include <string>

namespace evenkeel {

// True where there is a file that only runs write: run.json, recipe.toml, metrics.jsonl or
// environment.json.
bool has_files_of_a_run(const std::filesystem::path& folder);

// The folder's own name, also of "runs/001-mnist-cnn/" and of ".".
std::string name_of_run(const std::filesystem::path& folder);

}  // namespace evenkeel
