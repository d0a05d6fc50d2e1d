// Sizes that a file states, multiplied without believing them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace evenkeel {

// factors[0] * factors[1] * ... * unit, or nothing where it passes 2^63 - 1.
inline std::optional<std::int64_t> checked_product(std::span<const std::int64_t> factors,
                                                   std::int64_t unit = 1) {
  std::int64_t product = unit;
  bool overflow = false;
  for (const std::int64_t factor : factors) {
    if (factor == 0) return 0;
    overflow = overflow || __builtin_mul_overflow(product, factor, &product);
  }
  if (overflow) return std::nullopt;
  return product;
}

}  // namespace evenkeel
