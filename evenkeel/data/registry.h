// SPDX-License-Identifier: Apache-2.0
// The data sets known by name. An unknown name is an InvalidArgument that suggests the nearest.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"

namespace evenkeel::datasets {

struct Listing {
  std::string name;
  std::string description;
  std::filesystem::path found_in;  // folder with at least one of its files; empty when nowhere
};
EVENKEEL_API std::vector<Listing> list(const DatasetOptions& options = {});

// Names alone, in the order of list().
EVENKEEL_API std::vector<std::string> names();

// mnist() or fashion_mnist() by name.
EVENKEEL_API Splits load(std::string_view name, const DatasetOptions& options = {});

// The folder that has the set: where it is found already, else the user's cache after a download.
// Files in the user's cache that fail verify() are downloaded again.
EVENKEEL_API std::filesystem::path fetch(std::string_view name, const DatasetOptions& options = {});

struct FileReport {
  std::filesystem::path path;
  std::string sha256;    // of the uncompressed content; empty when it could not be read
  std::string expected;  // what it should be
  std::string problem;   // empty when the file is good
  bool good() const { return problem.empty(); }
};
// Structure and SHA-256 of every file of the set, read from the source and not from the cache.
// DataError when the set is found nowhere.
EVENKEEL_API std::vector<FileReport> verify(std::string_view name,
                                            const DatasetOptions& options = {});

}  // namespace evenkeel::datasets
