// SPDX-License-Identifier: Apache-2.0
// Which elements dropout keeps, as every backend computes it.
#pragma once

#include <cmath>
#include <cstdint>

#include "evenkeel/base/random.h"

namespace evenkeel {

// One Philox block of four 32-bit words serves four neighbouring elements of a sample; its counter
// is {index / 4, sample, step, stream}, its key the seed. An element is dropped where its word is
// below rate 2^32.
class DropoutMask {
 public:
  DropoutMask(double rate, std::int64_t stream, std::int64_t seed, std::int64_t step)
      : below_(static_cast<std::uint64_t>(std::llround(rate * 0x1p32))),
        step_(static_cast<std::uint32_t>(step)),
        stream_(static_cast<std::uint32_t>(stream)),
        key_{static_cast<std::uint32_t>(seed),
             static_cast<std::uint32_t>(static_cast<std::uint64_t>(seed) >> 32) ^
                 (static_cast<std::uint32_t>(Purpose::dropout) << 24)} {}

  // Calls visit(index, keeps) for the elements [begin, end) of a sample.
  template <typename Visit>
  void for_each(std::int64_t sample, std::int64_t begin, std::int64_t end,
                const Visit& visit) const {
    for (std::int64_t index = begin; index < end;) {
      const std::int64_t block = index / 4;
      const auto words = philox(
          {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(sample), step_, stream_},
          key_);
      for (; index < end && index / 4 == block; ++index)
        visit(index, words[static_cast<std::size_t>(index % 4)] >= below_);
    }
  }

  // What a kernel computes blocks of its own from.
  std::uint64_t below() const { return below_; }
  std::uint32_t step() const { return step_; }
  std::uint32_t stream() const { return stream_; }
  const std::array<std::uint32_t, 2>& key() const { return key_; }

 private:
  std::uint64_t below_;
  std::uint32_t step_;
  std::uint32_t stream_;
  std::array<std::uint32_t, 2> key_;
};

}  // namespace evenkeel
