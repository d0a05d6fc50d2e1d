// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/locate.h"

#include <algorithm>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"

namespace evenkeel::datasets {

namespace fs = std::filesystem;

std::string file_name(const KnownSet& set, std::size_t file) {
  return std::string(set.files[file].name) + (set.format == SetFormat::idx ? ".gz" : "");
}

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
  for (const KnownFile& file : set.files) {
    const fs::path plain = folder / file.name;
    fs::path compressed = plain;
    compressed += ".gz";
    fs::path& found = located.files.emplace_back();
    if (set.format == SetFormat::idx && os::file_identity(compressed))
      found = compressed;
    else if (os::file_identity(plain))
      found = plain;
  }
  return located;
}

std::optional<Located> locate(const KnownSet& set, const DatasetOptions& options) {
  for (const fs::path& directory : default_directories(options.directory)) {
    for (const std::string_view folder : set.folders) {
      Located located = look_in(directory / folder, set);
      const auto found = [](const fs::path& path) { return !path.empty(); };
      if (std::any_of(located.files.begin(), located.files.end(), found)) return located;
    }
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
  return cache / set.folders.front();
}

void fail_not_found(const KnownSet& set, const DatasetOptions& options) {
  std::string places;
  for (const fs::path& directory : default_directories(options.directory))
    for (const std::string_view folder : set.folders)
      places += (places.empty() ? "" : ", ") + (directory / folder).string();
  throw DataError(std::string(set.name), "expected " + file_name(set, 0) + " and " +
                                             std::to_string(set.files.size() - 1) +
                                             " more files in one of " + places +
                                             "; none has them: " + std::string(set.how_to_get));
}

void fail_incomplete(const KnownSet& set, const Located& located) {
  std::string missing;
  for (std::size_t i = 0; i < set.files.size(); ++i)
    if (located.files[i].empty()) missing += (missing.empty() ? "" : ", ") + file_name(set, i);
  throw DataError(located.folder.string(), "expected the " + std::to_string(set.files.size()) +
                                               " files of " + std::string(set.name) +
                                               ", missing: " + missing +
                                               "; put them beside the others, or remove those");
}

}  // namespace evenkeel::datasets
