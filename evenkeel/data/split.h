// SPDX-License-Identifier: Apache-2.0
// Which images of a set become training, validation and test images, where its files do not say:
// a function of labels, sizes and seed alone, the same on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel::datasets {

// Images of each part; what is left of the set trains.
struct SplitSizes {
  std::int64_t validation = 0;
  std::int64_t test = 0;
};

// Each in ascending order; together every index once.
struct SplitIndices {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
  std::vector<std::uint32_t> test;
};

// `asked` as DatasetOptions::validation and test are, as a number of the `images`: a share below 1
// is rounded, but to at least 1 image; from 1 on it is that number. InvalidArgument that names
// `field` for a number that is not finite, below 0, or no whole number from 1 on.
EVENKEEL_API std::int64_t part_size(const std::string& field, double asked, std::int64_t images);

// With `stratified`, a class of n_c images of all n has floor or ceil of n_c * size / n images in
// each of the three parts; without, images are drawn whatever their class. Which images of a class
// go where is random. Labels are in [0, classes). InvalidArgument for sizes below 0 and where
// nothing is left to train on.
EVENKEEL_API SplitIndices split_by_seed(std::span<const std::int32_t> labels, std::int64_t classes,
                                        const SplitSizes& sizes, std::uint64_t seed,
                                        bool stratified = true);

}  // namespace evenkeel::datasets
