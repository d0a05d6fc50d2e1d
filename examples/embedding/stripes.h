// SPDX-License-Identifier: Apache-2.0
// Made-up camera frames for the example: a bright stripe across a dark, noisy 64 x 48 frame, of
// which the network sees the 16 x 16 pixels in the middle. Class 0: lying, 1: standing.
#pragma once

#include <cstdint>
#include <vector>

namespace stripes {

constexpr std::int64_t kSide = 16;
constexpr std::int64_t kFrameWidth = 64;
constexpr std::int64_t kFrameHeight = 48;
// Of the part that the network sees, within the frame.
constexpr std::int64_t kTop = (kFrameHeight - kSide) / 2;
constexpr std::int64_t kLeft = (kFrameWidth - kSide) / 2;

inline std::vector<std::uint8_t> frame(std::uint32_t number, bool standing) {
  std::uint32_t noise = 2654435761U * (number + 1);
  std::vector<std::uint8_t> pixels;
  const std::int64_t at = 3 + number % 10;  // of the stripe, 3 pixels wide
  for (std::int64_t y = 0; y < kFrameHeight; ++y)
    for (std::int64_t x = 0; x < kFrameWidth; ++x) {
      noise = 1664525U * noise + 1013904223U;
      const std::int64_t across = standing ? x - kLeft : y - kTop;
      const bool bright = across >= at && across < at + 3;
      pixels.push_back(static_cast<std::uint8_t>((noise >> 26) + (bright ? 150 : 20)));
    }
  return pixels;
}

// The middle of a frame, copied out: [16,16].
inline std::vector<std::uint8_t> middle(const std::vector<std::uint8_t>& frame) {
  std::vector<std::uint8_t> pixels;
  for (std::int64_t y = 0; y < kSide; ++y)
    for (std::int64_t x = 0; x < kSide; ++x)
      pixels.push_back(frame[static_cast<std::size_t>((kTop + y) * kFrameWidth + kLeft + x)]);
  return pixels;
}

}  // namespace stripes
