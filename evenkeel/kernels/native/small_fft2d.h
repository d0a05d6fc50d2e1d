// SPDX-License-Identifier: Apache-2.0
// What the transforms of few pixels know before they run.
#pragma once

#include "evenkeel/kernels/native/fft.h"

namespace evenkeel::native {

inline constexpr std::size_t kMostPixels = 7;  // in a row or a column

// Cosines and sines of 2 pi u (first + i) / n for u up to n/2 and i < extent: [n/2 + 1][extent].
struct Turns {
  std::vector<float> cos;
  std::vector<float> sin;
  Turns(std::size_t n, std::size_t first, std::size_t extent) {
    for (std::size_t u = 0; u <= n / 2; ++u)
      for (std::size_t i = 0; i < extent; ++i) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(u * (first + i) % n) /
                             static_cast<double>(n);
        cos.push_back(static_cast<float>(std::cos(angle)));
        sin.push_back(static_cast<float>(std::sin(angle)));
      }
  }
};

// Few pixels in a field of n x n.
struct SmallField {
  SmallField(std::int64_t size, const Shape& pixels, const Pair& place)
      : n(static_cast<std::size_t>(size)),
        field(field_of(pixels, place)),
        rows(n, field.top, field.H),
        columns(n, field.left, field.W) {}
  // In a field of less than twice as many rows a transform is as fast.
  static bool worthwhile(std::int64_t n, const Shape& pixels) {
    constexpr auto kMost = static_cast<std::int64_t>(kMostPixels);
    return n % 2 == 0 && n >= 4 && pixels[1] <= std::min(kMost, n / 2) &&
           pixels[2] <= std::min(kMost, n / 2);
  }
  std::size_t n;
  Field field;
  Turns rows;
  Turns columns;
};

}  // namespace evenkeel::native
