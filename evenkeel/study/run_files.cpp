// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/run_files.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 4> kFilesOfARun = {"run.json", "recipe.toml", "metrics.jsonl",
                                                     "environment.json"};

}  // namespace

bool has_files_of_a_run(const fs::path& folder) {
  return std::any_of(kFilesOfARun.begin(), kFilesOfARun.end(), [&](const char* name) {
    std::error_code error;
    return fs::is_regular_file(folder / name, error);
  });
}

std::string name_of_run(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const std::string name = whole.filename().string();
  return name.empty() ? whole.parent_path().filename().string() : name;
}

}  // namespace evenkeel
