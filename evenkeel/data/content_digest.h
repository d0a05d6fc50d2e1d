// SPDX-License-Identifier: Apache-2.0
// A checksum as fast as memory, for files that only this machine reads again: a change in any one
// word always shows.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace evenkeel::datasets {

// Eight interleaved polynomials mod 2^64 over the words, in this machine's byte order; their
// multiplier is odd. The same bytes give the same value in whatever pieces they come.
class ContentDigest {
 public:
  void update(std::span<const std::byte> bytes) {
    size_ += bytes.size();
    if (held_ > 0) {
      const std::size_t count = std::min(bytes.size(), kBlock - held_);
      std::copy_n(bytes.begin(), count, block_.begin() + static_cast<std::ptrdiff_t>(held_));
      held_ += count;
      bytes = bytes.subspan(count);
      if (held_ < kBlock) return;
      add(block_.data());
      held_ = 0;
    }
    for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) add(bytes.data());
    std::copy(bytes.begin(), bytes.end(), block_.begin());
    held_ = bytes.size();
  }

  std::uint64_t value() const {
    Words words{};
    if (held_ > 0) std::memcpy(words.data(), block_.data(), held_);
    std::uint64_t result = size_;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      result = result * kMultiplier + lanes_[lane] * kMultiplier + words[lane];
    return result;
  }

 private:
  static constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  static constexpr std::size_t kLanes = 8;
  static constexpr std::size_t kBlock = kLanes * sizeof(std::uint64_t);
  using Words = std::array<std::uint64_t, kLanes>;

  void add(const std::byte* block) {
    Words words;
    std::memcpy(words.data(), block, kBlock);
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      lanes_[lane] = lanes_[lane] * kMultiplier + words[lane];
  }

  Words lanes_{1, 2, 3, 4, 5, 6, 7, 8};
  std::array<std::byte, kBlock> block_{};
  std::size_t held_ = 0;  // bytes of block_
  std::uint64_t size_ = 0;
};

inline std::uint64_t content_digest(std::span<const std::byte> bytes) {
  ContentDigest digest;
  digest.update(bytes);
  return digest.value();
}

}  // namespace evenkeel::datasets
