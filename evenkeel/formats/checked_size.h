// SPDX-License-Identifier: Apache-2.0
// Sizes that a file states, multiplied without believing them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace evenkeel {

// factors[0] * factors[1] * ... * unit, or nothing where the product of those that are not 0 passes
// 2^63 - 1: code that multiplies only some of them, or in another order, is then safe too.
inline std::optional<std::int64_t> checked_product(std::span<const std::int64_t> factors,
                                                   std::int64_t unit = 1) {
  std::int64_t product = unit;
  bool zero = false;
  for (const std::int64_t factor : factors) {
    zero = zero || factor == 0;
    if (factor != 0 && __builtin_mul_overflow(product, factor, &product)) return std::nullopt;
  }
  return zero ? 0 : product;
}

}  // namespace evenkeel
