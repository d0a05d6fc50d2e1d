// SPDX-License-Identifier: Apache-2.0
// Where the files of a data set are.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/data/dataset.h"
#include "evenkeel/data/known_sets.h"

namespace evenkeel::datasets {

struct Located {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> files;  // as KnownSet::files; empty where one is missing
  bool complete() const;
};

// The files of `set` in one folder; of IDX sets `<name>.gz` before `<name>`.
Located look_in(const std::filesystem::path& folder, const KnownSet& set);

// What a file of the set is called where it is downloaded: with .gz where it may have it.
std::string file_name(const KnownSet& set, std::size_t file);

// The first of the default directories that has any file of the set: an incomplete set is never a
// reason to look further.
std::optional<Located> locate(const KnownSet& set, const DatasetOptions& options);

// The user's cache for downloads of the set. RuntimeFailure where there is no home folder.
std::filesystem::path download_folder(const KnownSet& set);

[[noreturn]] void fail_not_found(const KnownSet& set, const DatasetOptions& options);
[[noreturn]] void fail_incomplete(const KnownSet& set, const Located& located);

}  // namespace evenkeel::datasets
