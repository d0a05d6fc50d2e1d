// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace evenkeel {

namespace {

constexpr int kRounds = 10;

// Word w of `lanes` blocks at once, in loops that the compiler turns into vectors.
template <std::size_t lanes>
using Words = std::array<std::array<std::uint32_t, lanes>, 4>;

template <std::size_t lanes>
void philox_rounds(Words<lanes>& c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0][i];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2][i];
      c[0][i] = static_cast<std::uint32_t>(p1 >> 32) ^ c[1][i] ^ key[0];
      c[1][i] = static_cast<std::uint32_t>(p1);
      c[2][i] = static_cast<std::uint32_t>(p0 >> 32) ^ c[3][i] ^ key[1];
      c[3][i] = static_cast<std::uint32_t>(p0);
    }
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
}

double to_uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  Words<1> words = {{{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}}};
  philox_rounds(words, key);
  return {words[0][0], words[1][0], words[2][0], words[3][0]};
}

Random::Random(std::uint64_t seed, Purpose purpose, std::uint64_t stream)
    : key_{static_cast<std::uint32_t>(seed),
           static_cast<std::uint32_t>(seed >> 32) ^ (static_cast<std::uint32_t>(purpose) << 24)},
      stream_{static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)} {}

std::uint64_t Random::bits(std::uint64_t index) const {
  const auto word = philox({static_cast<std::uint32_t>(index),
                            static_cast<std::uint32_t>(index >> 32), stream_[0], stream_[1]},
                           key_);
  return (std::uint64_t{word[0]} << 32) | word[1];
}

double Random::uniform(std::uint64_t index) const { return to_uniform(bits(index)); }

void Random::uniforms(std::uint64_t first, std::span<double> values) const {
  constexpr std::size_t kLanes = 16;
  for (std::size_t begin = 0; begin < values.size(); begin += kLanes) {
    Words<kLanes> words;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint64_t index = first + begin + i;
      words[0][i] = static_cast<std::uint32_t>(index);
      words[1][i] = static_cast<std::uint32_t>(index >> 32);
      words[2][i] = stream_[0];
      words[3][i] = stream_[1];
    }
    philox_rounds(words, key_);
    const std::size_t count = std::min(kLanes, values.size() - begin);
    for (std::size_t i = 0; i < count; ++i)
      values[begin + i] = to_uniform((std::uint64_t{words[0][i]} << 32) | words[1][i]);
  }
}

double Random::normal(std::uint64_t index) const {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform(2 * index)));
  return radius * std::cos(2.0 * std::numbers::pi * uniform(2 * index + 1));
}

std::uint64_t Random::below(std::uint64_t index, std::uint64_t bound) const {
  return ((bits(index) >> 32) * bound) >> 32;
}

std::uint64_t hash_name(const char* begin, const char* end) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char* at = begin; at != end; ++at)
    hash = (hash ^ static_cast<unsigned char>(*at)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace evenkeel
