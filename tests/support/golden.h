// SPDX-License-Identifier: Apache-2.0
// The full network's golden run: its weights, images and labels, which tests/golden/full/README.md
// defines by a hash, and the digests that full.safetensors has in place of tensors.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace evenkeel::test {

using Numbers = std::vector<double>;

constexpr int kGoldenSteps = 10;
constexpr std::int64_t kGoldenBatch = 16;
constexpr std::int64_t kGoldenProbes = 8;
constexpr std::uint64_t kProbeSeed = 300;

// splitmix64's output for the state (seed << 32) + index.
std::uint64_t golden_hash(std::uint64_t seed, std::uint64_t index);

// The twelve tensors before step 0, row-major.
std::map<std::string, Numbers> golden_init();
// u8 [count,28,28,1]; i32 [16].
std::vector<std::uint8_t> golden_pixels(std::uint64_t seed, std::int64_t count);
std::vector<std::int32_t> golden_labels(int step);

struct Digest {
  double norm = 0;
  std::array<double, 16> projections = {};
};
Digest digest(std::span<const double> tensor);

// The larger of |difference of the norms| and of 16 projections, over the norm of `expected`.
double distance(const Digest& actual, const Digest& expected);
// |actual - expected| / |expected|, element by element.
double l2_distance(std::span<const double> actual, std::span<const double> expected);
// The largest |difference|.
double largest_difference(std::span<const double> actual, std::span<const double> expected);

// full.safetensors: a tensor's numbers, and the digest stored as "<name>/norm|projections".
Numbers golden_numbers(const std::string& name);
std::vector<std::int64_t> golden_integers(const std::string& name);
Digest golden_digest(const std::string& name);

}  // namespace evenkeel::test
