// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/locate.h"

#include <algorithm>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"

namespace evenkeel::datasets {

namespace fs = std::filesystem;

std::vector<fs::path> default_directories(const fs::path& given) {
  std::vector<fs::path> directories;
  if (!given.empty()) directories.push_back(given);
  if (const auto named = os::environment("EVENKEEL_DATA")) directories.emplace_back(*named);
  if (const fs::path cache = os::user_cache_directory(); !cache.empty())
    directories.push_back(cache);
  directories.emplace_back("/usr/share/datasets");
  return directories;
}

bool Located::complete() const {
  return std::none_of(files.begin(), files.end(),
                      [](const fs::path& path) { return path.empty(); });
}

Located look_in(const fs::path& folder, const KnownSet& set) {
  Located located{folder, {}};
  for (std::size_t role = 0; role < kFiles; ++role) {
    const fs::path plain = folder / set.files[role].name;
    fs::path compressed = plain;
    compressed += ".gz";
    if (os::file_identity(compressed))
      located.files[role] = compressed;
    else if (os::file_identity(plain))
      located.files[role] = plain;
  }
  return located;
}

std::optional<Located> locate(const KnownSet& set, const DatasetOptions& options) {
  for (const fs::path& directory : default_directories(options.directory)) {
    Located located = look_in(directory / set.name, set);
    const auto found = [](const fs::path& path) { return !path.empty(); };
    if (std::any_of(located.files.begin(), located.files.end(), found)) return located;
  }
  return std::nullopt;
}

fs::path download_folder(const KnownSet& set) {
  const fs::path cache = os::user_cache_directory();
  if (cache.empty()) {
    throw RuntimeFailure(std::string(set.name),
                         "expected a home folder to download to, there is none; set "
                         "XDG_CACHE_HOME, or EVENKEEL_DATA to a folder that has the files");
  }
  return cache / set.name;
}

void fail_not_found(const KnownSet& set, const DatasetOptions& options) {
  std::string places;
  for (const fs::path& directory : default_directories(options.directory))
    places += (places.empty() ? "" : ", ") + (directory / set.name).string();
  throw DataError(std::string(set.name), "expected " + std::string(set.files[train_images].name) +
                                             ".gz and three more files in one of " + places +
                                             "; none has them: " + std::string(set.how_to_get));
}

void fail_incomplete(const KnownSet& set, const Located& located) {
  std::string missing;
  for (std::size_t role = 0; role < kFiles; ++role) {
    if (located.files[role].empty())
      missing += (missing.empty() ? "" : ", ") + std::string(set.files[role].name) + ".gz";
  }
  throw DataError(located.folder.string(), "expected the four files of " + std::string(set.name) +
                                               ", missing: " + missing +
                                               "; put them beside the others, or remove those");
}

}  // namespace evenkeel::datasets
