// SPDX-License-Identifier: Apache-2.0
#include "tests/support/golden.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "evenkeel/formats/safetensors.h"
#include "tests/support/compare.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

constexpr std::uint64_t kSignSeed = 400;
constexpr std::uint64_t kLabelSeed = 200;
constexpr std::uint64_t kFirstBlock = std::uint64_t{1} << 31;
constexpr std::uint64_t kGoldenSide = 28;
constexpr std::uint64_t kBlock = 7;
constexpr std::uint64_t kBlocks = kGoldenSide / kBlock;

const SafetensorsFile& file() {
  static const SafetensorsFile read =
      SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/full/full.safetensors");
  return read;
}

Numbers kernel(std::uint64_t seed, std::size_t count, double fan_in, double fan_out) {
  const double limit = std::sqrt(6.0 / (fan_in + fan_out));
  Numbers values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double u = static_cast<double>(golden_hash(seed, i) >> 11) * 0x1p-53;
    values[i] = (2 * u - 1) * limit;
  }
  return values;
}

void require_same_size(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) throw std::invalid_argument("tensors of different sizes");
}

}  // namespace

std::uint64_t golden_hash(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = (seed << 32) + index + 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

std::map<std::string, Numbers> golden_init() {
  return {{"conv1/kernel", kernel(1, 5 * 5 * 32, 25, 800)},
          {"conv1/bias", Numbers(32, 0)},
          {"conv2/kernel", kernel(3, std::size_t{5} * 5 * 32 * 64, 800, 1600)},
          {"conv2/bias", Numbers(64, -0.01)},
          {"bn1/gamma", Numbers(3136, 1)},
          {"bn1/beta", Numbers(3136, 0)},
          {"bn1/moving_mean", Numbers(3136, 0)},
          {"bn1/moving_variance", Numbers(3136, 1)},
          {"dense1/kernel", kernel(7, std::size_t{3136} * 1024, 3136, 1024)},
          {"dense1/bias", Numbers(1024, 0)},
          {"dense2/kernel", kernel(9, std::size_t{1024} * 10, 1024, 10)},
          {"dense2/bias", Numbers(10, 0)}};
}

std::vector<std::uint8_t> golden_pixels(std::uint64_t seed, std::int64_t count) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count) * kGoldenSide * kGoldenSide);
  for (std::uint64_t i = 0; i < pixels.size(); ++i) {
    const std::uint64_t column = i % kGoldenSide / kBlock;
    const std::uint64_t row = i / kGoldenSide % kGoldenSide / kBlock;
    const std::uint64_t block =
        (i / (kGoldenSide * kGoldenSide) * kBlocks + row) * kBlocks + column;
    const std::uint64_t noise = golden_hash(seed, i) >> 56;
    const bool bright = (golden_hash(seed, kFirstBlock + block) & 1) == 1;
    pixels[i] = static_cast<std::uint8_t>(bright ? noise : noise >> 4);
  }
  return pixels;
}

std::vector<std::int32_t> golden_labels(int step) {
  std::vector<std::int32_t> labels(kGoldenBatch);
  for (std::uint64_t i = 0; i < labels.size(); ++i)
    labels[i] = static_cast<std::int32_t>(
        golden_hash(kLabelSeed + static_cast<std::uint64_t>(step), i) % 10);
  return labels;
}

Digest digest(std::span<const double> tensor) {
  Digest result;
  double squares = 0;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    squares += tensor[i] * tensor[i];
    const std::uint64_t signs = golden_hash(kSignSeed, i);
    for (std::size_t j = 0; j < result.projections.size(); ++j)
      result.projections[j] += (signs >> j & 1) == 1 ? tensor[i] : -tensor[i];
  }
  result.norm = std::sqrt(squares);
  return result;
}

double distance(const Digest& actual, const Digest& expected) {
  const double apart = largest_difference(actual.projections, expected.projections);
  return std::max(apart, std::abs(actual.norm - expected.norm)) / expected.norm;
}

double l2_distance(std::span<const double> actual, std::span<const double> expected) {
  require_same_size(actual, expected);
  double apart = 0;
  double whole = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    apart += (actual[i] - expected[i]) * (actual[i] - expected[i]);
    whole += expected[i] * expected[i];
  }
  return std::sqrt(apart / whole);
}

double largest_difference(std::span<const double> actual, std::span<const double> expected) {
  require_same_size(actual, expected);
  double largest = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    // The comparison is turned round so that a NaN counts as the largest.
    const double apart = std::abs(actual[i] - expected[i]);
    if (!(apart <= largest)) largest = apart;
  }
  return largest;
}

Numbers golden_numbers(const std::string& name) { return to_doubles(file().tensor(name)); }

std::vector<std::int64_t> golden_integers(const std::string& name) {
  const Numbers numbers = golden_numbers(name);
  return {numbers.begin(), numbers.end()};
}

Digest golden_digest(const std::string& name) {
  Digest result;
  result.norm = golden_numbers(name + "/norm")[0];
  const Numbers projections = golden_numbers(name + "/projections");
  std::copy_n(projections.begin(), result.projections.size(), result.projections.begin());
  return result;
}

}  // namespace evenkeel::test
