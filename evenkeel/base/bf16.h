// SPDX-License-Identifier: Apache-2.0
// bfloat16: the upper half of an f32, with its range and 8 bits of its precision.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "evenkeel/base/dtype.h"

namespace evenkeel {

struct Bf16 {
  std::uint16_t bits = 0;

  // Exact.
  operator float() const { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
  friend bool operator==(const Bf16&, const Bf16&) = default;
};

// The nearest one, of two equally near the even one; too large becomes infinite, NaN stays NaN.
inline Bf16 rounded_to_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  constexpr std::uint32_t kQuiet = 0x40;  // so that a NaN's upper half is no infinity
  const std::uint32_t nearest = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  return {static_cast<std::uint16_t>(std::isnan(x) ? bits >> 16 | kQuiet : nearest)};
}

template <>
struct DTypeOf<Bf16> {
  static constexpr DType value = DType::bf16;
};

}  // namespace evenkeel
