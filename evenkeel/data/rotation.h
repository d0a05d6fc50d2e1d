// SPDX-License-Identifier: Apache-2.0
// An image turned about its middle, bilinear, row by row.
#pragma once

#include <cstdint>

namespace evenkeel {

// Of images u8 [H,W,C], by degrees counter-clockwise as one looks at them (row 0 at the top). A new
// pixel is the mean of the four that surround where it came from, weighted by how near they are,
// rounded to the nearest, halves up; what lies outside of the image is 0. In whole numbers but for
// the angle's sine and cosine, so that every machine gives the same bytes. 0 degrees leave an
// image as it is, and multiples of 90 degrees move the pixels of a square one.
class Rotation {
 public:
  // flip: left and right of the image are swapped before.
  Rotation(double degrees, std::int64_t H, std::int64_t W, std::int64_t C, bool flip = false);

  // Pixels begin to end - 1 of the turned image's row into `out`, (end - begin) * C bytes.
  void row(const std::uint8_t* image, std::int64_t row, std::int64_t begin, std::int64_t end,
           std::uint8_t* out) const;

 private:
  std::int64_t offset(std::int64_t y, std::int64_t x) const;
  // 0 outside of the image.
  std::int64_t value(const std::uint8_t* image, std::int64_t y, std::int64_t x,
                     std::int64_t c) const;
  // channels: C where it is known to the compiler, else 0.
  template <std::int64_t channels>
  void pixels(const std::uint8_t* image, std::int64_t row, std::int64_t begin, std::int64_t end,
              std::uint8_t* out) const;

  std::int64_t height_, width_, channels_;
  bool flip_;
  std::int64_t cosine_, sine_;
};

}  // namespace evenkeel
