// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/training_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/data/batches.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Indices = std::vector<std::int64_t>;

constexpr std::uint64_t kSeed = 3;
const Augmentation kImageAugmentation = {.flip = true, .rotate = 10, .crop = 3};

TrainingImagesOptions options(std::optional<int> loaders, std::int64_t batch = 32,
                              std::int64_t parts = 1) {
  return {.augmentation = kImageAugmentation,
          .seed = kSeed,
          .batch_size = batch,
          .parts = parts,
          .first_step = 0,
          .end_step = 20,
          .loaders = loaders};
}

Indices indices_of(const Dataset& data, std::int64_t batch, std::int64_t number) {
  return BatchSampler(data.size(), batch, {.seed = kSeed}).indices(number);
}

Bytes expected(const Dataset& data, const Indices& indices, std::int64_t step,
               std::int64_t first_place = 0) {
  Bytes out(indices.size() * static_cast<std::size_t>(data.image_bytes()));
  gather_augmented(data, indices, kImageAugmentation, kSeed, step, first_place, out);
  return out;
}

Bytes copied(TrainingImages& images, std::int64_t step, std::int64_t part, const Indices& indices) {
  Bytes out(indices.size() * 28 * 28);
  images.copy(step, part, indices, out);
  return out;
}

TEST(TrainingImages, AreTheSameForAnyNumberOfLoaders) {
  const Dataset data = test::small_data();
  for (const std::optional<int> loaders : {std::optional<int>(), {0}, {1}, {3}}) {
    TrainingImages images(data, options(loaders));
    for (std::int64_t step = 0; step < 20; ++step) {
      const Indices indices = indices_of(data, 32, step);
      ASSERT_EQ(copied(images, step, 0, indices), expected(data, indices, step))
          << loaders.value_or(-1) << " loaders, step " << step;
    }
  }
}

TEST(TrainingImages, OfAStepInPartsAreThoseOfTheStepAsAWhole) {
  const Dataset data = test::small_data();
  for (const int loaders : {0, 1, 3}) {
    TrainingImages images(data, options(loaders, 8, 4));
    for (std::int64_t step = 0; step < 20; ++step) {
      const Indices whole = indices_of(data, 32, step);
      Bytes joined;
      for (std::int64_t part = 0; part < 4; ++part) {
        const Indices indices(whole.begin() + part * 8, whole.begin() + (part + 1) * 8);
        const Bytes bytes = copied(images, step, part, indices);
        joined.insert(joined.end(), bytes.begin(), bytes.end());
      }
      ASSERT_EQ(joined, expected(data, whole, step)) << loaders << " loaders, step " << step;
    }
  }
}

TEST(TrainingImages, OfAnyStepAndAnyIndicesAreMadeOnTheSpot) {
  const Dataset data = test::small_data();
  TrainingImages images(data, options(2));
  for (const std::int64_t step : {0, 7, 3, 19, 25, 3, 4}) {
    const Indices indices = indices_of(data, 32, step);
    EXPECT_EQ(copied(images, step, 0, indices), expected(data, indices, step)) << step;
    Indices other = indices;
    std::reverse(other.begin(), other.end());
    EXPECT_EQ(copied(images, step, 0, other), expected(data, other, step)) << step;
    EXPECT_EQ(copied(images, step, 0, {5, 5}), expected(data, {5, 5}, step)) << step;
  }
}

TEST(TrainingImages, RefuseWhatMakesNoSense) {
  const Dataset data = test::small_data();
  EXPECT_THROW(TrainingImages(data, options(-1)), InvalidArgument);
  TrainingImagesOptions large = options(1);
  large.augmentation.shift = 28;
  EXPECT_THROW(TrainingImages(data, large), InvalidArgument);
  TrainingImages images(data, options(1));
  EXPECT_THROW(copied(images, 0, 0, {320}), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
