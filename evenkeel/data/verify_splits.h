// SPDX-License-Identifier: Apache-2.0
// What is wrong with images that could be loaded: repeats, leaks between parts, classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "evenkeel/data/dataset.h"
#include "evenkeel/data/verify.h"

namespace evenkeel::datasets {

// Sets that everybody measures with are as they are.
enum class Published { yes, no };

// The file of an image, given its pixels in the set; may be empty.
using FileOf = std::function<std::filesystem::path(std::span<const std::uint8_t>)>;

// Fills all of `report` but name and files.
void verify_splits(const Splits& splits, Published published, const FileOf& file_of,
                   SetReport& report);

}  // namespace evenkeel::datasets
