// SPDX-License-Identifier: Apache-2.0
// How much rounding a plan may add for speed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace evenkeel {

// strict: kernels whose error is that of a direct sum in f32, at most 1.5 times as large. fast: a
// few times as large where that saves work (Winograd's F(4x4, 3x3)).
enum class Math : std::uint8_t { strict, fast };

// Of "strict" and "fast"; nothing of another name.
inline std::optional<Math> parse_math(std::string_view name) {
  if (name == "strict") return Math::strict;
  if (name == "fast") return Math::fast;
  return std::nullopt;
}

}  // namespace evenkeel
