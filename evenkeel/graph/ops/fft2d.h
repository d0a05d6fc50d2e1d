// SPDX-License-Identifier: Apache-2.0
// The two-dimensional Fourier transform of real images, and back.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// The transform of a real n x n field z: Z[u,v] = sum_{h,w} z[h,w] exp(-2 pi i (u h + v w) / n).
// Of a real field Z[-u,-v] is the conjugate of Z[u,v], so that these F = n^2 / 2 + 2 frequencies
// tell all, in this order: (u, 0) and then (u, n/2) for u = 0..n/2, then (u, v) for v = 1..n/2 - 1
// and u = 0..n-1. A spectrum is f32[N,F,2,C]: of each frequency the real parts of all channels,
// then the imaginary ones.
inline std::int64_t frequencies_of(std::int64_t size) { return size * size / 2 + 2; }
// The frequency {u, v} stored at `index`.
EVENKEEL_API Pair frequency_at(std::int64_t size, std::int64_t index);
// Fails unless fields may have this size.
void require_field_size(const ShapeScope& in, std::int64_t size);

// x: [N,H,W,C] -> [N,F,2,C], of x with its first pixel at `place` in a field of zeros. `size` is
// even, and x fits: place + {H, W} <= size.
struct Fft2d {
  static constexpr std::string_view name = "fft2d";
  std::int64_t size = 16;
  Pair place = {0, 0};
  static constexpr auto fields =
      std::tuple{field("size", &Fft2d::size), field("place", &Fft2d::place)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Fft2d&, const Fft2d&) = default;
};

// [N,F,2,C] -> y: [N,P,Q,C]: of the field, the `extent` = {P, Q} pixels from `place` on.
struct InverseFft2d {
  static constexpr std::string_view name = "inverse_fft2d";
  std::int64_t size = 16;
  Pair place = {0, 0};
  Pair extent = {16, 16};
  static constexpr auto fields =
      std::tuple{field("size", &InverseFft2d::size), field("place", &InverseFft2d::place),
                 field("extent", &InverseFft2d::extent)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const InverseFft2d&, const InverseFft2d&) = default;
};

}  // namespace evenkeel
