// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/rotation.h"

#include <cmath>
#include <numbers>

namespace evenkeel {
namespace {

// Places are counted in 2^-25 of a pixel: sine and cosine have 24 bits behind the point, and
// distances from the middle are whole numbers of half pixels.
constexpr int kBits = 25;
constexpr std::int64_t kOne = std::int64_t{1} << kBits;
constexpr std::int64_t kHalf = kOne / 2;

std::int64_t fixed(double value) { return std::llround(value * static_cast<double>(kHalf)); }

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

std::int64_t between(std::int64_t a, std::int64_t b, std::int64_t weight_of_b) {
  return a * (kOne - weight_of_b) + b * weight_of_b;
}

// Where a new pixel came from, in 2^-25 of a pixel, cut into the pixel above and to the left of it
// and the distance from there.
struct Place {
  std::int64_t y, x, to_bottom, to_right;
  Place(std::int64_t at_y, std::int64_t at_x)
      : y(at_y >> kBits),
        x(at_x >> kBits),
        to_bottom(at_y & (kOne - 1)),
        to_right(at_x & (kOne - 1)) {}
  std::uint8_t mean(std::int64_t top_left, std::int64_t top_right, std::int64_t bottom_left,
                    std::int64_t bottom_right) const {
    const std::int64_t top = between(top_left, top_right, to_right);
    const std::int64_t bottom = between(bottom_left, bottom_right, to_right);
    const std::int64_t sum = between(top, bottom, to_bottom);
    return static_cast<std::uint8_t>((sum + kOne * kHalf) >> (2 * kBits));
  }
};

}  // namespace

Rotation::Rotation(double degrees, std::int64_t H, std::int64_t W, std::int64_t C, bool flip)
    : height_(H),
      width_(W),
      channels_(C),
      flip_(flip),
      cosine_(fixed(std::cos(radians(degrees)))),
      sine_(fixed(std::sin(radians(degrees)))) {}

std::int64_t Rotation::offset(std::int64_t y, std::int64_t x) const {
  return (y * width_ + (flip_ ? width_ - 1 - x : x)) * channels_;
}

std::int64_t Rotation::value(const std::uint8_t* image, std::int64_t y, std::int64_t x,
                             std::int64_t c) const {
  return y >= 0 && y < height_ && x >= 0 && x < width_ ? image[offset(y, x) + c] : 0;
}

template <std::int64_t channels>
void Rotation::pixels(const std::uint8_t* image, std::int64_t row, std::int64_t begin,
                      std::int64_t end, std::uint8_t* out) const {
  const std::int64_t C = channels > 0 ? channels : channels_;
  const std::int64_t right = flip_ ? -C : C;  // of a pixel, in bytes
  const std::int64_t below = width_ * C;
  const std::int64_t from_middle = 2 * row - (height_ - 1);  // in half pixels
  for (std::int64_t column = begin; column < end; ++column, out += C) {
    const std::int64_t along = 2 * column - (width_ - 1);
    const Place place((height_ - 1) * kHalf + along * sine_ + from_middle * cosine_,
                      (width_ - 1) * kHalf + along * cosine_ - from_middle * sine_);
    if (place.y >= 0 && place.y < height_ - 1 && place.x >= 0 && place.x < width_ - 1) {
      const std::uint8_t* at = image + offset(place.y, place.x);
      for (std::int64_t c = 0; c < C; ++c)
        out[c] = place.mean(at[c], at[right + c], at[below + c], at[below + right + c]);
    } else {
      for (std::int64_t c = 0; c < C; ++c)
        out[c] = place.mean(
            value(image, place.y, place.x, c), value(image, place.y, place.x + 1, c),
            value(image, place.y + 1, place.x, c), value(image, place.y + 1, place.x + 1, c));
    }
  }
}

void Rotation::row(const std::uint8_t* image, std::int64_t row, std::int64_t begin,
                   std::int64_t end, std::uint8_t* out) const {
  if (channels_ == 1) return pixels<1>(image, row, begin, end, out);
  if (channels_ == 3) return pixels<3>(image, row, begin, end, out);
  pixels<0>(image, row, begin, end, out);
}

}  // namespace evenkeel
