// SPDX-License-Identifier: Apache-2.0
// Images changed at random on their way into a batch: uint8 in, uint8 out, of the same size.
#pragma once

#include <cstdint>
#include <span>

#include "evenkeel/base/export.h"
#include "evenkeel/base/shape.h"

namespace evenkeel {

// Applied in this order, each to what the one before it left; what comes from outside of the image
// is 0 (black). All random numbers are a function of (seed, step, place in the batch), never of how
// many were drawn before, so that the bytes are the same for any number of threads and after a
// resume; and none moves when another field is turned on.
struct Augmentation {
  bool flip = false;  // left and right swapped in half of the images
  // Degrees, 0 to 180: turned by an angle from -rotate to rotate about the middle, bilinear.
  double rotate = 0;
  std::int64_t shift = 0;  // pixels: moved by -shift to shift along each axis
  // Pixels of black put around the image, of which a window of the image's size is cut.
  std::int64_t crop = 0;
  // Side of a square set to 0, its middle on any pixel (DeVries & Taylor 2017, arXiv 1708.04552).
  std::int64_t cutout = 0;
  bool any() const { return flip || rotate != 0 || shift != 0 || crop != 0 || cutout != 0; }
  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

// InvalidArgument naming the field that makes no sense for images [H,W,C]: an angle outside of 0 to
// 180, a shift or padding not below height and width, a square larger than the image.
EVENKEEL_API void require_valid(const Augmentation& augmentation, const Shape& image);

// One image [H,W,C] into another, which may not overlap; `place` is that in the batch of `step`.
// The augmentation must be valid for the shape.
EVENKEEL_API void augment(const Augmentation& augmentation, std::uint64_t seed, std::int64_t step,
                          std::int64_t place, const Shape& shape,
                          std::span<const std::uint8_t> image, std::span<std::uint8_t> out);

}  // namespace evenkeel
