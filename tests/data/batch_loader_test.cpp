// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/batch_loader.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

using LoadedBytes = std::vector<std::uint8_t>;
using namespace std::chrono_literals;

Dataset numbered_images(std::int64_t count) {
  LoadedBytes bytes(static_cast<std::size_t>(count * 4 * 5 * 3));
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return Dataset("numbered", Tensor::of<std::uint8_t>(Shape{count, 4, 5, 3}, bytes),
                 std::vector<std::int32_t>(static_cast<std::size_t>(count), 0), 2);
}

const Augmentation kAll = {.flip = true, .rotate = 20, .shift = 1, .crop = 1, .cutout = 2};

LoadedBytes gathered(const Dataset& data, const std::vector<std::int64_t>& indices,
                     const Augmentation& augmentation, std::int64_t step, std::int64_t first = 0) {
  LoadedBytes out(indices.size() * static_cast<std::size_t>(data.image_bytes()));
  gather_augmented(data, indices, augmentation, 1, step, first, out);
  return out;
}

// A batch of one byte, its number.
void number_of(std::int64_t number, LoadedBatch& batch, const std::stop_token&) {
  batch.indices = {number};
  batch.images = {static_cast<std::uint8_t>(number)};
}

TEST(GatherAugmented, WithoutAugmentationIsACopy) {
  const Dataset data = numbered_images(10);
  LoadedBytes copy(3 * 60);
  gather(data, std::vector<std::int64_t>{7, 0, 9}, copy, {});
  EXPECT_EQ(gathered(data, {7, 0, 9}, {}, 0), copy);
}

TEST(GatherAugmented, AugmentsEachImageByItsPlaceInTheStepsBatch) {
  const Dataset data = numbered_images(10);
  const LoadedBytes batch = gathered(data, {3, 1, 4, 1, 5, 9}, kAll, 7);
  for (std::int64_t place = 0; place < 6; ++place) {
    const std::int64_t index = std::array{3, 1, 4, 1, 5, 9}[static_cast<std::size_t>(place)];
    LoadedBytes one(60);
    augment(kAll, 1, 7, place, data.image_shape(), data.image(index), one);
    EXPECT_EQ(one, LoadedBytes(batch.begin() + place * 60, batch.begin() + (place + 1) * 60))
        << place;
  }
}

TEST(GatherAugmented, IsTheSameInParts) {
  const Dataset data = numbered_images(10);
  LoadedBytes parts = gathered(data, {3, 1}, kAll, 7, 0);
  const LoadedBytes rest = gathered(data, {4, 1, 5, 9}, kAll, 7, 2);
  parts.insert(parts.end(), rest.begin(), rest.end());
  EXPECT_EQ(parts, gathered(data, {3, 1, 4, 1, 5, 9}, kAll, 7));
}

TEST(GatherAugmented, RefusesIndicesOutsideAndAnotherRoom) {
  const Dataset data = numbered_images(10);
  EXPECT_THROW(gathered(data, {10}, kAll, 0), InvalidArgument);
  EXPECT_THROW(gathered(data, {-1}, kAll, 0), InvalidArgument);
  LoadedBytes out(59);
  EXPECT_THROW(gather_augmented(data, std::vector<std::int64_t>{1}, kAll, 1, 0, 0, out),
               InvalidArgument);
}

TEST(BatchLoader, GivesTheBatchesInTheirOrder) {
  for (const int threads : {1, 2, 5})
    for (const int ahead : {1, 2, 7}) {
      BatchLoader loader(number_of, 3, 200, {threads, ahead});
      for (std::int64_t number = 3; number < 200; ++number) {
        const LoadedBatch& batch = loader.wait(number);
        ASSERT_EQ(batch.indices[0], number) << threads << " threads, " << ahead << " ahead";
        ASSERT_EQ(batch.images[0], static_cast<std::uint8_t>(number));
      }
    }
}

TEST(BatchLoader, WorksAheadButNotFurtherThanAsked) {
  std::atomic<std::int64_t> made = 0;
  const auto make = [&](std::int64_t number, LoadedBatch& batch, const std::stop_token& stop) {
    number_of(number, batch, stop);
    ++made;
  };
  BatchLoader loader(make, 0, 100, {.threads = 2, .ahead = 3});
  loader.wait(0);
  while (made < 4) std::this_thread::yield();
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(made, 4);
  loader.wait(1);
  while (made < 5) std::this_thread::yield();
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(made, 5);
}

TEST(BatchLoader, ABatchInUseStaysAsItIs) {
  BatchLoader loader(number_of, 0, 1000, {.threads = 3, .ahead = 2});
  for (std::int64_t number = 0; number < 50; ++number) {
    const LoadedBatch& batch = loader.wait(number);
    for (int i = 0; i < 20; ++i) std::this_thread::yield();
    ASSERT_EQ(batch.indices[0], number);
    ASSERT_EQ(&loader.wait(number), &batch);
  }
}

TEST(BatchLoader, JumpsToAnyBatchAndGoesOnFromThere) {
  BatchLoader loader(number_of, 5, 1000, {.threads = 3, .ahead = 2});
  for (const std::int64_t number : {5, 6, 900, 901, 0, 1, 2, 2, 4, 5, 3, 6, 999, 998, 0, 500}) {
    const LoadedBatch& batch = loader.wait(number);
    for (int i = 0; i < 20; ++i) std::this_thread::yield();
    ASSERT_EQ(batch.indices[0], number);
  }
}

TEST(BatchLoader, AnErrorReachesWhoWaitsForItsBatchAndIsTriedAnew) {
  std::atomic<bool> broken = true;
  const auto make = [&](std::int64_t number, LoadedBatch& batch, const std::stop_token& stop) {
    if (number == 2 && broken) throw DataError("batch 2", "cannot be read");
    number_of(number, batch, stop);
  };
  BatchLoader loader(make, 0, 10, {.threads = 2, .ahead = 3});
  EXPECT_EQ(loader.wait(0).indices[0], 0);
  EXPECT_EQ(loader.wait(1).indices[0], 1);
  EXPECT_THROW(loader.wait(2), DataError);
  EXPECT_THROW(loader.wait(2), DataError);
  loader.wait(7);  // so that what is on its way to batch 2 is not waited for
  broken = false;
  EXPECT_EQ(loader.wait(2).indices[0], 2);
  for (std::int64_t number = 3; number < 10; ++number)
    EXPECT_EQ(loader.wait(number).indices[0], number);
}

TEST(BatchLoader, StopsInTheMiddleOfABatch) {
  std::atomic<int> begun = 0;
  const auto endless = [&](std::int64_t, LoadedBatch&, const std::stop_token& stop) {
    ++begun;
    while (!stop.stop_requested()) std::this_thread::yield();
  };
  {
    const BatchLoader loader(endless, 0, 1000, {.threads = 3, .ahead = 2});
    while (begun < 3) std::this_thread::yield();
  }
  EXPECT_EQ(begun, 3);  // none was begun after
}

TEST(BatchLoader, StopsWhereNobodyEverWaited) {
  for (int i = 0; i < 50; ++i) const BatchLoader loader(number_of, 0, 1000, {4, 2});
}

TEST(BatchLoader, WrongUseIsRefused) {
  EXPECT_THROW(BatchLoader(number_of, 0, 10, {.threads = 0}), InvalidArgument);
  EXPECT_THROW(BatchLoader(number_of, 0, 10, {.ahead = 0}), InvalidArgument);
  EXPECT_THROW(BatchLoader(number_of, -1, 10), InvalidArgument);
  BatchLoader loader(number_of, 0, 10);
  EXPECT_THROW(loader.wait(10), InvalidArgument);
  EXPECT_THROW(loader.wait(-1), InvalidArgument);
  EXPECT_EQ(loader.wait(9).indices[0], 9);
}

}  // namespace
}  // namespace evenkeel
