// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

using ::testing::ElementsAre;
using Indices = std::vector<std::int64_t>;

// The first `count` images that training sees.
Indices stream(BatchSampler& sampler, std::int64_t count) {
  Indices all;
  for (std::int64_t step = 0; static_cast<std::int64_t>(all.size()) < count; ++step) {
    const Indices batch = sampler.indices(step);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  all.resize(static_cast<std::size_t>(count));
  return all;
}

Indices identity(std::int64_t size) {
  Indices all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST(BatchSampler, an_epoch_of_55000_by_128_has_429_full_batches) {
  BatchSampler sampler(55'000, 128);
  EXPECT_EQ(sampler.batches_per_epoch(), 429);
  EXPECT_EQ(sampler.position(429), (BatchSampler::Position{0, 54'912}));
  EXPECT_EQ(sampler.position(430), (BatchSampler::Position{1, 40}));
  EXPECT_EQ(sampler.indices(429).size(), 128U);
}

TEST(BatchSampler, every_pass_is_a_permutation_and_no_two_are_alike) {
  for (const auto& [size, batch] : {std::pair{100, 7}, {100, 100}, {97, 13}, {5, 3}, {10, 1}}) {
    BatchSampler sampler(size, batch);
    const Indices all = stream(sampler, 4 * size);
    std::vector<Indices> passes;
    for (int pass = 0; pass < 4; ++pass) {
      Indices one(all.begin() + pass * size, all.begin() + (pass + 1) * size);
      passes.push_back(one);
      std::sort(one.begin(), one.end());
      EXPECT_EQ(one, identity(size)) << size << " by " << batch << ", pass " << pass;
    }
    if (size > 5) {
      EXPECT_NE(passes[0], identity(size));
      for (int pass = 1; pass < 4; ++pass)
        EXPECT_NE(passes[0], passes[static_cast<std::size_t>(pass)]);
    }
  }
}

TEST(BatchSampler, the_order_of_images_does_not_depend_on_the_batch_size) {
  BatchSampler by_7(100, 7);
  BatchSampler by_64(100, 64);
  EXPECT_EQ(stream(by_7, 500), stream(by_64, 500));
}

TEST(BatchSampler, a_batch_is_a_function_of_its_step_alone) {
  BatchSampler forward(100, 32, {.seed = 5});
  std::vector<Indices> batches;
  for (std::int64_t step = 0; step < 40; ++step) batches.push_back(forward.indices(step));
  BatchSampler jumping(100, 32, {.seed = 5});
  for (const std::int64_t step : {39, 0, 20, 21, 3, 3, 38, 1})
    EXPECT_EQ(jumping.indices(step), batches[static_cast<std::size_t>(step)]) << step;
}

TEST(BatchSampler, the_seed_changes_the_order) {
  BatchSampler one(100, 100, {.seed = 1});
  BatchSampler two(100, 100, {.seed = 2});
  EXPECT_NE(one.indices(0), two.indices(0));
}

// Bytes are promised to stay the same from release to release: change this only knowingly.
TEST(BatchSampler, the_order_of_seed_1_is_pinned) {
  BatchSampler sampler(10, 10, {.seed = 1});
  EXPECT_THAT(sampler.indices(0), ElementsAre(5, 3, 7, 8, 0, 2, 1, 9, 4, 6));
  EXPECT_THAT(sampler.indices(1), ElementsAre(0, 8, 7, 4, 3, 6, 9, 1, 5, 2));
}

// 24 orders of 4 images over 24,000 passes: each 1,000 times, give or take five deviations of 31.
TEST(BatchSampler, all_orders_are_equally_likely) {
  BatchSampler sampler(4, 4);
  std::map<Indices, int> counts;
  for (std::int64_t step = 0; step < 24'000; ++step) ++counts[sampler.indices(step)];
  EXPECT_EQ(counts.size(), 24U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 5 * 31);
}

TEST(BatchSampler, without_shuffling_keeps_the_order_and_joins_the_ends) {
  BatchSampler sampler(5, 3, {.shuffle = false});
  EXPECT_THAT(sampler.indices(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(sampler.indices(1), ElementsAre(3, 4, 0));
  EXPECT_THAT(sampler.indices(2), ElementsAre(1, 2, 3));
}

TEST(BatchSampler, reaches_steps_far_beyond_what_anyone_trains) {
  BatchSampler sampler(2'000'000'000, 1'999'999'999, {.shuffle = false});
  const auto position = sampler.position(9'000'000'000'000'000'000 / 1'999'999'999);
  EXPECT_GT(position.pass, 0);
  EXPECT_LT(position.offset, sampler.dataset_size());
  EXPECT_EQ(BatchSampler(100, 7).position(1'000'000'000'000'000'000).pass, 70'000'000'000'000'000);
}

TEST(BatchSampler, refuses_a_batch_of_0_or_larger_than_the_data) {
  for (const std::int64_t batch : {0, -1, 101})
    EXPECT_THROW(BatchSampler(100, batch), InvalidArgument);
  EXPECT_THROW(BatchSampler(0, 1), InvalidArgument);
  EXPECT_THROW(BatchSampler(std::int64_t{1} << 31, 1), InvalidArgument);
  EXPECT_NO_THROW(BatchSampler(100, 100));
  BatchSampler sampler(100, 10);
  Indices wrong(9);
  EXPECT_THROW(sampler.indices(0, wrong), InvalidArgument);
  EXPECT_THROW(sampler.indices(-1), InvalidArgument);
}

TEST(Gather, copies_rows_and_labels_in_the_order_asked) {
  const Dataset data("own", Tensor::of<std::uint8_t>({3, 1, 2, 1}, {0, 1, 10, 11, 20, 21}),
                     {5, 6, 7}, 8);
  const Indices wanted = {2, 0, 2};
  std::vector<std::uint8_t> images(6);
  std::vector<std::int32_t> labels(3);
  gather(data, wanted, images, labels);
  EXPECT_THAT(images, ElementsAre(20, 21, 0, 1, 20, 21));
  EXPECT_THAT(labels, ElementsAre(7, 5, 7));

  std::fill(labels.begin(), labels.end(), 0);
  gather(data, wanted, {}, labels);
  EXPECT_THAT(labels, ElementsAre(7, 5, 7));
}

TEST(Gather, refuses_an_index_outside_and_an_output_of_another_size) {
  const Dataset data("own", Tensor::of<std::uint8_t>({1, 1, 1, 1}, {9}), {0}, 1);
  std::vector<std::uint8_t> images(1);
  std::vector<std::int32_t> labels(1);
  for (const std::int64_t index : {-1, 1})
    EXPECT_THROW(gather(data, Indices{index}, images, labels), InvalidArgument);
  std::vector<std::uint8_t> two_images(2);
  std::vector<std::int32_t> two_labels(2);
  EXPECT_THROW(gather(data, Indices{0}, two_images, labels), InvalidArgument);
  EXPECT_THROW(gather(data, Indices{0}, images, two_labels), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
