// SPDX-License-Identifier: Apache-2.0
// What is known of each data set: its files, the SHA-256 of their uncompressed content, mirrors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace evenkeel::datasets {

struct KnownFile {
  std::string_view name;    // without .gz
  std::string_view sha256;  // of the uncompressed content, so a file compressed anew passes
};

// In this order everywhere.
enum FileRole : std::size_t { train_images, train_labels, test_images, test_labels };
inline constexpr std::size_t kFiles = 4;

struct KnownSet {
  std::string_view name;
  std::string_view description;
  std::array<KnownFile, kFiles> files;        // by FileRole
  std::span<const std::string_view> mirrors;  // https, ending in "/"
  std::string_view how_to_get;                // end of the text that says that it was not found
};

inline constexpr std::int64_t kImageSide = 28;
inline constexpr std::int64_t kClasses = 10;

std::span<const KnownSet> known_sets();
// InvalidArgument that suggests the nearest name.
const KnownSet& known_set(std::string_view name);

}  // namespace evenkeel::datasets
