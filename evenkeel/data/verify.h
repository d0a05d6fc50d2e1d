// SPDX-License-Identifier: Apache-2.0
// What is wrong with a data set, found before training does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"

namespace evenkeel::datasets {

struct FileReport {
  std::filesystem::path path;
  std::string sha256;    // of the uncompressed content; empty when it could not be read
  std::string expected;  // what it should be; empty where that is not known
  std::string problem;   // empty when the file is good
  bool good() const { return problem.empty(); }
};

// Structure, and SHA-256 where it is known, of every file of a set known by name, read from the
// source and not from the cache. DataError when the set is found nowhere.
EVENKEEL_API std::vector<FileReport> verify_files(std::string_view name,
                                                  const DatasetOptions& options = {});

struct ImagePlace {
  std::string split;
  std::int64_t index = 0;
  std::filesystem::path file;  // of a folder; else empty
};

struct Finding {
  // "folder": what a folder cannot be used with, such as an empty class; "image": a file that
  // cannot be read or is of another size; "data": a file that cannot be used at all; "leak": images
  // of one part in another; "labels": the same image with two labels; "class": one without images
  // in a part; "imbalance"; "duplicate": images twice in a part.
  std::string kind;
  bool spoils = false;         // stops training or spoils what it says; else good to know
  std::string text;            // one sentence
  std::filesystem::path file;  // of "image"
  struct Pair {
    ImagePlace one;
    ImagePlace other;
  };
  std::vector<Pair> pairs;  // the first few
};

struct PartReport {
  std::string split;
  std::int64_t images = 0;
  std::vector<std::int64_t> of_class;  // images by label
};

struct SetReport {
  std::string name;
  Shape image_shape;                     // [H,W,C]; of no rank where nothing could be loaded
  std::vector<std::string> class_names;  // none: classes are but numbers
  std::vector<FileReport> files;         // of a set known by name
  std::vector<PartReport> parts;         // train, validation, test, where it could be loaded
  std::vector<Finding> findings;         // what spoils first

  // Files that are not as they should be, and findings that spoil.
  std::int64_t wrong() const;
};

// Looks at every file and every image, and divides the set as `options` say. What a set known by
// name was published with (repeats, some between its parts) does not spoil it. InvalidArgument and
// DataError for a set that is not there.
EVENKEEL_API SetReport verify(std::string_view name_or_path, const DatasetOptions& options = {});

}  // namespace evenkeel::datasets
