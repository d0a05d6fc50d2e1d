// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>

namespace evenkeel {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of philox4x32-10 from Random123's kat_vectors.
TEST(Philox, gives_the_published_known_answers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, is_a_function_of_seed_purpose_stream_and_index) {
  const Random one(7, Purpose::shuffle, 3);
  const Random same(7, Purpose::shuffle, 3);
  const std::uint64_t tenth = one.bits(10);
  one.bits(99);
  EXPECT_EQ(one.bits(10), tenth);
  EXPECT_EQ(same.bits(10), tenth);
  EXPECT_NE(Random(8, Purpose::shuffle, 3).bits(10), tenth);
  EXPECT_NE(Random(7, Purpose::dropout, 3).bits(10), tenth);
  EXPECT_NE(Random(7, Purpose::shuffle, 4).bits(10), tenth);
  EXPECT_NE(one.bits(11), tenth);
}

TEST(Random, uses_all_64_bits_of_seed_stream_and_index) {
  constexpr std::uint64_t kHigh = std::uint64_t{1} << 40;
  const std::uint64_t base = Random(1, Purpose::test, 1).bits(1);
  EXPECT_NE(Random(1 + kHigh, Purpose::test, 1).bits(1), base);
  EXPECT_NE(Random(1, Purpose::test, 1 + kHigh).bits(1), base);
  EXPECT_NE(Random(1, Purpose::test, 1).bits(1 + kHigh), base);
}

TEST(Random, uniform_fills_the_unit_interval_evenly) {
  const Random random(1, Purpose::test, 0);
  std::array<int, 16> counts{};
  constexpr int kDraws = 160'000;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.uniform(static_cast<std::uint64_t>(i));
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    ++counts[static_cast<std::size_t>(value * 16)];
  }
  // Five standard deviations of a binomial with p = 1/16.
  const double spread = 5 * std::sqrt(kDraws / 16.0 * (15.0 / 16.0));
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 16.0, spread);
}

TEST(Random, normal_has_mean_0_variance_1_and_no_skew) {
  const Random random(2, Purpose::test, 0);
  constexpr int kDraws = 200'000;
  double sum = 0;
  double squares = 0;
  double cubes = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.normal(static_cast<std::uint64_t>(i));
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
    cubes += value * value * value;
  }
  const double root = std::sqrt(static_cast<double>(kDraws));
  EXPECT_NEAR(sum / kDraws, 0.0, 5 / root);
  EXPECT_NEAR(squares / kDraws, 1.0, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(cubes / kDraws, 0.0, 5 * std::sqrt(15.0) / root);
}

TEST(Random, below_reaches_every_value_under_the_bound_and_none_other) {
  const Random random(3, Purpose::test, 0);
  for (const std::uint64_t bound : {1, 2, 7, 100}) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < 200 * bound; ++i) seen.insert(random.below(i, bound));
    EXPECT_EQ(seen.size(), bound);
    EXPECT_LT(*seen.rbegin(), bound);
  }
}

TEST(HashName, is_FNV_1a) {
  const std::string empty;
  const std::string text = "foobar";
  EXPECT_EQ(hash_name(empty.data(), empty.data()), 0xcbf29ce484222325ULL);
  EXPECT_EQ(hash_name(text.data(), text.data() + text.size()), 0x85944171f73967e8ULL);
}

}  // namespace
}  // namespace evenkeel
