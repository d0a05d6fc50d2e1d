// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/channel_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

Dataset images(const Shape& shape, const std::vector<std::uint8_t>& bytes) {
  return Dataset("few", Tensor::of<std::uint8_t>(shape, bytes),
                 std::vector<std::int32_t>(static_cast<std::size_t>(shape[0]), 0), 2);
}

TEST(ChannelStatistics, AreOfEachChannelOverAllImages) {
  // Channel 0: 0, 10, 20, 30. Channel 1: 255 everywhere. Channel 2: 1, 1, 1, 5.
  const Dataset data = images({2, 1, 2, 3}, {0, 255, 1, 10, 255, 1,  //
                                             20, 255, 1, 30, 255, 5});
  const ChannelStatistics found = channel_statistics(data);
  EXPECT_EQ(found.mean, (std::vector<double>{15, 255, 2}));
  EXPECT_DOUBLE_EQ(found.deviation[0], std::sqrt(125.0));
  EXPECT_EQ(found.deviation[1], 0);
  EXPECT_DOUBLE_EQ(found.deviation[2], std::sqrt(3.0));
  const ChannelStatistics scaled = channel_statistics(data, 1 / 255.0);
  EXPECT_DOUBLE_EQ(scaled.mean[1], 1);
  EXPECT_DOUBLE_EQ(scaled.deviation[0], std::sqrt(125.0) / 255);
}

TEST(ChannelStatistics, DoNotCancelWherePixelsHardlyDiffer) {
  std::vector<std::uint8_t> bytes(100'000, 255);
  bytes[17] = 254;
  const ChannelStatistics found = channel_statistics(images({10, 100, 100, 1}, bytes));
  EXPECT_DOUBLE_EQ(found.mean[0], 255 - 1e-5);
  EXPECT_NEAR(found.deviation[0], std::sqrt(1e-5 * (1 - 1e-5)), 1e-12);
}

TEST(ChannelStatistics, NormaliseAnInputInUnitsOfItsScaledPixels) {
  const Dataset data = images({1, 2, 1, 2}, {0, 9, 255, 9});
  const ImageInput input = normalised(image(2, 1, 2).scale(1 / 255.0), data);
  EXPECT_DOUBLE_EQ(input.mean[0], 0.5);
  EXPECT_DOUBLE_EQ(input.deviation[0], 0.5);
  EXPECT_DOUBLE_EQ(input.mean[1], 9 / 255.0);
  EXPECT_EQ(input.deviation[1], 1) << "nothing to divide by";
}

TEST(ChannelStatistics, OfNoImagesOrOfAnotherSizeAreRefused) {
  EXPECT_THROW(channel_statistics(Dataset()), InvalidArgument);
  const Dataset data = images({1, 2, 1, 2}, {0, 9, 255, 9});
  EXPECT_THROW(normalised(image(1, 2, 2), data), InvalidArgument);
  EXPECT_THROW(normalised(image(2, 1, 2), data.subset(0, 0)), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
