// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/cache_folder.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include "evenkeel/base/os.h"
#include "evenkeel/base/random.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntries = 16;  // kept in the folder, the newest
constexpr std::string_view kDecodedSuffix = ".decoded";
constexpr std::chrono::hours kLongestWrite(24);

}  // namespace

fs::path decoded_folder(bool used) {
  const fs::path cache = used ? os::user_cache_directory() : fs::path();
  return cache.empty() ? cache : cache / "decoded";
}

fs::path entry_path(const fs::path& folder, const std::string& stem, const std::string& text) {
  const std::uint64_t hash = hash_name(text.data(), text.data() + text.size());
  return folder / (stem + "-" + std::to_string(hash) + std::string(kDecodedSuffix));
}

std::string full_path(const fs::path& path) {
  std::error_code error;
  const fs::path full = fs::weakly_canonical(path, error);
  return error ? path.string() : full.string();
}

void keep_newest(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  const auto now = fs::file_time_type::clock::now();
  const std::string unfinished = std::string(kDecodedSuffix) + ".tmp-";
  for (const auto& item : fs::directory_iterator(folder)) {
    if (item.path().extension() == kDecodedSuffix)
      entries.emplace_back(item.last_write_time(), item);
    if (item.path().filename().string().find(unfinished) != std::string::npos &&
        now - item.last_write_time() > kLongestWrite)
      fs::remove(item.path());
  }
  if (entries.size() <= kMostEntries) return;
  std::sort(entries.begin(), entries.end(), std::greater<>());
  for (std::size_t i = kMostEntries; i < entries.size(); ++i) fs::remove(entries[i].second);
}

}  // namespace evenkeel::datasets
