// SPDX-License-Identifier: Apache-2.0
// A data set that is a folder of PNG and JPEG files (data/image_folder_scan.h says which), all of
// one size and number of channels. Decoded once, by all cores, into the user's cache, and mapped
// from there until a file of it changes: it may be larger than memory, but not than that disk.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "evenkeel/data/dataset.h"
#include "evenkeel/data/image_folder_scan.h"

namespace evenkeel::datasets {

// Every file that was decoded, whether it was good or not.
struct DecodedFolder {
  FolderScan scan;
  Dataset images;                                           // train, validation, test
  std::array<std::vector<std::filesystem::path>, 3> files;  // of the images, part by part
  std::vector<BadFile> bad;  // strays, unreadable ones and those of another size; sorted
};

// DataError where the folder has faults, or no image that can be read; `name` is the data set's.
DecodedFolder decode_folder(const std::filesystem::path& root, const std::string& name,
                            bool use_cache);

// DataError that lists the first bad files, unless `options` skip them; and where all images of a
// class to train on were skipped. What the folder does not divide is divided by data/split.h.
Splits load_folder(const std::filesystem::path& root, const std::string& name,
                   const DatasetOptions& options);
Splits splits_of(const DecodedFolder& folder, const DatasetOptions& options);

}  // namespace evenkeel::datasets
