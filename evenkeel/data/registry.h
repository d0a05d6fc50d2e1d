// SPDX-License-Identifier: Apache-2.0
// The data sets known by name, and those at a path. An unknown name is an InvalidArgument that
// suggests the nearest.
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
  bool downloads = false;          // fetch() can get it
};
EVENKEEL_API std::vector<Listing> list(const DatasetOptions& options = {});

// Names alone, in the order of list().
EVENKEEL_API std::vector<std::string> names();

// A set by name, a folder of images (data/image_folder_scan.h says how it looks) or an .npz file
// (data/npz_set.h). InvalidArgument for what is_known_or_path() says no to; DataError for a path
// where there is neither, and for all that is wrong with the data.
EVENKEEL_API Splits load(std::string_view name_or_path, const DatasetOptions& options = {});

// A known name (which goes before a folder of this name), or what can only be meant as a path: it
// is there, has a '/', or ends in ".npz".
EVENKEEL_API bool is_known_or_path(std::string_view name_or_path);
// InvalidArgument about `where`, such as a flag, that suggests the nearest name.
EVENKEEL_API void require_known_or_path(const std::string& where, std::string_view name_or_path);
// In the order of the labels, without reading an image; none where classes are but numbers, or the
// folder is gone.
EVENKEEL_API std::vector<std::string> class_names_of(std::string_view name_or_path);

// The folder that has the set: where it is found already, else the user's cache after a download.
// Files in the user's cache that are not as they should be are downloaded again. DataError that
// says where to get it for a set that is not downloaded.
EVENKEEL_API std::filesystem::path fetch(std::string_view name, const DatasetOptions& options = {});

}  // namespace evenkeel::datasets
