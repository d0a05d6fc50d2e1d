// SPDX-License-Identifier: Apache-2.0
// Images that are there more than once, pixel for pixel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"

namespace evenkeel::datasets {

struct Place {
  std::size_t set = 0;
  std::int64_t index = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Repeat {
  Place first;  // the first of all that are the same
  Place again;
};

// Every image that is the same as one before it, in the order of `sets` and of their images. The
// sets must have images of one size, or none. 16 bytes an image of all sets are needed.
EVENKEEL_API std::vector<Repeat> repeated_images(std::span<const Dataset* const> sets);

}  // namespace evenkeel::datasets
