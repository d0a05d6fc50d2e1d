// SPDX-License-Identifier: Apache-2.0
// What is known of each data set: its files, the SHA-256 of their uncompressed content, mirrors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace evenkeel::datasets {

struct KnownFile {
  std::string_view name;         // without .gz
  std::string_view sha256 = "";  // of the uncompressed content, so a file compressed anew passes;
                                 // empty: not known, the structure alone can be checked
};

enum class SetFormat {
  idx,    // four files by FileRole, each as it is or as .gz
  cifar,  // training batches, and the test batch last (data/cifar_set.h)
};

// The files of an IDX set, in this order everywhere.
enum FileRole : std::size_t { train_images, train_labels, test_images, test_labels };

struct KnownSet {
  std::string_view name;
  std::string_view description;
  SetFormat format = SetFormat::idx;
  std::int64_t classes = 10;
  std::span<const KnownFile> files;
  std::span<const std::string_view> folders;  // what the folder of its files may be called
  std::span<const std::string_view> mirrors;  // https, ending in "/"; none: got by hand
  std::string_view how_to_get;                // end of the text that says that it was not found

  bool downloads() const { return !mirrors.empty(); }
};

inline constexpr std::int64_t kImageSide = 28;  // of IDX sets

std::span<const KnownSet> known_sets();
// InvalidArgument that suggests the nearest name.
const KnownSet& known_set(std::string_view name);

}  // namespace evenkeel::datasets
