// SPDX-License-Identifier: Apache-2.0
// Random numbers as a function of where they are used, never of how many were drawn before.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "evenkeel/base/export.h"

namespace evenkeel {

// What a random number is for; equal (seed, step, sample, index) differ between purposes.
enum class Purpose : std::uint32_t {
  initialise = 1,
  shuffle = 2,
  dropout = 3,
  test = 4,
  augment = 5
};

// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
EVENKEEL_API std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                 std::array<std::uint32_t, 2> key);

// A stream of numbers addressed by index: the same (seed, purpose, stream) gives the same values.
class EVENKEEL_API Random {
 public:
  // stream: whatever tells two uses of one purpose apart (a tensor's name hash, an epoch, a step).
  Random(std::uint64_t seed, Purpose purpose, std::uint64_t stream);

  std::uint64_t bits(std::uint64_t index) const;
  // Uniform in [0, 1) with 53 bits.
  double uniform(std::uint64_t index) const;
  // uniform(first), uniform(first + 1), … into `values`: the same numbers, several at a time.
  void uniforms(std::uint64_t first, std::span<double> values) const;
  // Standard normal by Box and Muller.
  double normal(std::uint64_t index) const;
  // Uniform in [0, bound) without bias that matters (bound < 2^32); bound > 0.
  std::uint64_t below(std::uint64_t index, std::uint64_t bound) const;

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 2> stream_;
};

// FNV-1a, for turning names into streams.
EVENKEEL_API std::uint64_t hash_name(const char* begin, const char* end);

}  // namespace evenkeel
