// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/repeated_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace evenkeel::datasets {
namespace {

Dataset set_of(const std::vector<std::uint8_t>& values) {
  std::vector<std::uint8_t> pixels;
  for (const std::uint8_t value : values) pixels.insert(pixels.end(), {value, 7, value, 9});
  const auto count = static_cast<std::int64_t>(values.size());
  return Dataset("own", Tensor::of<std::uint8_t>({count, 2, 2, 1}, pixels),
                 std::vector<std::int32_t>(values.size(), 0), 1);
}

TEST(RepeatedImages, NameTheFirstOfAllThatAreTheSame) {
  const Dataset train = set_of({1, 2, 3, 2});
  const Dataset none;
  const Dataset test = set_of({4, 2, 4, 1});
  const std::array<const Dataset*, 3> sets = {&train, &none, &test};
  const auto repeats = repeated_images(sets);
  ASSERT_EQ(repeats.size(), 4U);
  const auto expect = [&](std::size_t i, Place first, Place again) {
    EXPECT_EQ(repeats[i].first, first) << i;
    EXPECT_EQ(repeats[i].again, again) << i;
  };
  expect(0, {0, 1}, {0, 3});
  expect(1, {0, 1}, {2, 1});
  expect(2, {2, 0}, {2, 2});
  expect(3, {0, 0}, {2, 3});
}

TEST(RepeatedImages, AreNoneWhereAllDiffer) {
  const Dataset one = set_of({1, 2});
  const Dataset other = set_of({3});
  EXPECT_TRUE(repeated_images(std::array<const Dataset*, 2>{&one, &other}).empty());
  EXPECT_TRUE(repeated_images({}).empty());
}

}  // namespace
}  // namespace evenkeel::datasets
