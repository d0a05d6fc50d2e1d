// SPDX-License-Identifier: Apache-2.0
// What a transform knows before it runs: its factors and roots of unity, and where an image lies.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "evenkeel/graph/ops/tiled_fft2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel::native {

// Pixels [H,W,C] that lie from {top, left} on in a field.
struct Field {
  std::size_t H, W, C, top, left;
};

inline Field field_of(const Shape& pixels, const Pair& place) {
  return {static_cast<std::size_t>(pixels[1]), static_cast<std::size_t>(pixels[2]),
          static_cast<std::size_t>(pixels[3]), static_cast<std::size_t>(place[0]),
          static_cast<std::size_t>(place[1])};
}

// What an epilogue leaves of a map that lies from {top, left} on in a field: its pixels, or of each
// 2x2 of them the largest.
struct FinishedMap {
  Field y;
  bool relu, pools;
};

// Of a map in tiles (graph/ops/tiled_fft2d.h), where each lies.
struct TiledMap {
  FieldTiles tiles;
  std::size_t H, W, C;

  std::size_t rows() const { return static_cast<std::size_t>(tiles.tiles[0]); }
  std::size_t columns() const { return static_cast<std::size_t>(tiles.tiles[1]); }
  // Pixels [first, first + count) of an axis of the map are those of tile i from `at` on.
  struct Part {
    std::size_t first, count, at;
  };
  Part part(std::size_t axis, std::size_t i) const {
    const auto extent = static_cast<std::int64_t>(axis == 0 ? H : W);
    const std::int64_t base = static_cast<std::int64_t>(i) * tiles.step[axis] - tiles.place[axis];
    const std::int64_t first = std::clamp<std::int64_t>(base, 0, extent);
    const std::int64_t end = std::clamp<std::int64_t>(base + tiles.extent[axis], first, extent);
    const std::int64_t at = end > first ? first - base : 0;
    return {static_cast<std::size_t>(first), static_cast<std::size_t>(end - first),
            static_cast<std::size_t>(at)};
  }
  // Is every pixel in exactly one tile?
  bool covered_once() const {
    const auto once = [&](std::size_t axis, std::size_t extent) {
      return tiles.step[axis] == tiles.extent[axis] &&
             tiles.tiles[axis] * tiles.step[axis] - tiles.place[axis] >=
                 static_cast<std::int64_t>(extent);
    };
    return once(0, H) && once(1, W);
  }
};

// Lengths 2^a 3^b 5^c with at least two factors of {4, 2, 3, 5}: 6, 8, 10, 12, 16, 18, 20, 24, ...
class FftTable {
 public:
  static bool supports(std::int64_t n) {
    return n >= 6 && n % 2 == 0 && factors_of(static_cast<std::size_t>(n)).size() >= 2;
  }

  explicit FftTable(std::int64_t n)
      : length(static_cast<std::size_t>(n)), factors(factors_of(length)) {
    for (std::size_t k = 0; k < length; ++k) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length);
      cos.push_back(static_cast<float>(std::cos(angle)));
      sin.push_back(static_cast<float>(std::sin(angle)));
    }
  }

  std::size_t length;
  std::vector<std::size_t> factors;
  std::vector<float> cos;  // of 2 pi k / length
  std::vector<float> sin;

 private:
  // Empty where another prime is left.
  static std::vector<std::size_t> factors_of(std::size_t n) {
    std::vector<std::size_t> result;
    for (const std::size_t factor : {4, 2, 3, 5})
      for (; n % factor == 0; n /= factor) result.push_back(factor);
    return n == 1 ? result : std::vector<std::size_t>{};
  }
};

}  // namespace evenkeel::native
