// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"

namespace evenkeel::datasets {
namespace {

using ::testing::ElementsAre;

// `sizes[c]` images of class c, in a mixed order.
std::vector<std::int32_t> labels_of(const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
  std::vector<std::int32_t> labels;
  for (std::size_t c = 0; c < sizes.size(); ++c)
    labels.insert(labels.end(), static_cast<std::size_t>(sizes[c]), static_cast<std::int32_t>(c));
  const Random random(seed, Purpose::test, 7);
  for (std::size_t i = labels.size(); i > 1; --i)
    std::swap(labels[i - 1], labels[random.below(i, i)]);
  return labels;
}

std::vector<std::int64_t> class_counts(const std::vector<std::int32_t>& labels,
                                       const std::vector<std::uint32_t>& part,
                                       std::size_t classes) {
  std::vector<std::int64_t> counts(classes);
  for (const std::uint32_t index : part) ++counts[static_cast<std::size_t>(labels[index])];
  return counts;
}

void expect_every_index_once(const SplitIndices& split, std::size_t images) {
  std::vector<std::uint32_t> all;
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
    all.insert(all.end(), part->begin(), part->end());
  }
  std::sort(all.begin(), all.end());
  std::vector<std::uint32_t> expected(images);
  std::iota(expected.begin(), expected.end(), 0U);
  EXPECT_EQ(all, expected);
}

// Floor or ceil of its share, for every class and part.
void expect_stratified(const std::vector<std::int64_t>& sizes, const SplitSizes& asked) {
  const auto labels = labels_of(sizes, 3);
  const auto n = std::ssize(labels);
  const SplitIndices split = split_by_seed(labels, std::ssize(sizes), asked, 5);
  expect_every_index_once(split, labels.size());
  EXPECT_EQ(std::ssize(split.validation), asked.validation);
  EXPECT_EQ(std::ssize(split.test), asked.test);
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    const auto counts = class_counts(labels, *part, sizes.size());
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      const double share = static_cast<double>(sizes[c]) * static_cast<double>(part->size()) /
                           static_cast<double>(n);
      EXPECT_LT(std::abs(static_cast<double>(counts[c]) - share), 1) << "class " << c;
    }
  }
}

TEST(Split, EveryClassHasItsShareOfEachPartToWithinAnImage) {
  expect_stratified({100, 50, 10}, {16, 16});
  expect_stratified({1, 1, 1, 1, 1, 1, 1}, {2, 3});
  expect_stratified({7, 3, 0, 11, 1}, {5, 5});
  expect_stratified({5, 5, 5}, {0, 4});
  expect_stratified({5, 5, 5}, {4, 0});
  expect_stratified({5, 5, 5}, {0, 0});
  expect_stratified({9}, {4, 4});
}

TEST(Split, SharesHoldForClassesOfAnySize) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Random random(seed, Purpose::test, 1);
    std::vector<std::int64_t> sizes(1 + random.below(0, 12));
    for (std::size_t c = 0; c < sizes.size(); ++c)
      sizes[c] = static_cast<std::int64_t>(random.below(c + 1, 9));
    ++sizes[0];
    const auto n = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
    const auto test = static_cast<std::int64_t>(random.below(50, static_cast<std::uint64_t>(n)));
    const auto validation =
        static_cast<std::int64_t>(random.below(51, static_cast<std::uint64_t>(n - test)));
    expect_stratified(sizes, {validation, test});
  }
}

TEST(Split, IsAFunctionOfTheSeed) {
  const auto labels = labels_of({40, 40}, 1);
  const auto of = [&](std::uint64_t seed) { return split_by_seed(labels, 2, {10, 10}, seed).test; };
  EXPECT_EQ(of(1), of(1));
  EXPECT_NE(of(1), of(2));
}

// Written once: a split that changed with a version would mix what was held out with what was not.
TEST(Split, StaysTheSameFromVersionToVersion) {
  const std::vector<std::int32_t> labels = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  const SplitIndices split = split_by_seed(labels, 2, {2, 2}, 1);
  EXPECT_THAT(split.test, ElementsAre(8, 11));
  EXPECT_THAT(split.validation, ElementsAre(7, 10));
}

TEST(Split, UnstratifiedPartsCoverTheSetToo) {
  const auto labels = labels_of({30, 3}, 1);
  const SplitIndices split = split_by_seed(labels, 2, {5, 6}, 1, false);
  expect_every_index_once(split, labels.size());
  EXPECT_EQ(split.validation.size(), 5U);
  EXPECT_EQ(split.test.size(), 6U);
}

TEST(Split, RefusesPartsThatLeaveNothingToTrainOn) {
  const std::vector<std::int32_t> labels = {0, 1, 0};
  for (const SplitSizes& sizes :
       {SplitSizes{3, 0}, SplitSizes{0, 3}, SplitSizes{2, 1}, SplitSizes{-1, 0}, SplitSizes{0, -1},
        SplitSizes{std::numeric_limits<std::int64_t>::max(), 2}})
    EXPECT_THROW(split_by_seed(labels, 2, sizes, 1), InvalidArgument);
  EXPECT_THROW(split_by_seed({}, 1, {}, 1), InvalidArgument);
}

TEST(PartSize, IsAShareBelowOneAndANumberFromOneOn) {
  EXPECT_EQ(part_size("test", 0, 60), 0);
  EXPECT_EQ(part_size("test", 0.25, 60), 15);
  EXPECT_EQ(part_size("test", 0.001, 60), 1);
  EXPECT_EQ(part_size("test", 1, 60), 1);
  EXPECT_EQ(part_size("test", 5000, 60), 5000);
  for (const double asked :
       {-0.1, 1.5, std::nan(""), std::numeric_limits<double>::infinity(), 1e18})
    EXPECT_THROW(part_size("test", asked, 60), InvalidArgument) << asked;
}

}  // namespace
}  // namespace evenkeel::datasets
