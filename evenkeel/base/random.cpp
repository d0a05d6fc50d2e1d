#include "evenkeel/base/random.h"

#include <cmath>
#include <numbers>

namespace evenkeel {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {
        static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
        static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
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

double Random::uniform(std::uint64_t index) const {
  return static_cast<double>(bits(index) >> 11) * 0x1.0p-53;
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
