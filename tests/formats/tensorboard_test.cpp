// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/support/event_reader.h"

namespace evenkeel::tensorboard {
namespace {

using test::read_events;
using test::ReadEvent;
using ::testing::ElementsAre;
using ::testing::Pair;

ReadEvent event_of(const std::string& record) {
  const auto read = read_events(std::as_bytes(std::span(record)));
  EXPECT_EQ(read.bytes, record.size());
  return read.events.at(0);
}

TEST(Tensorboard, AFileBeginsWithItsVersion) {
  const std::string record = version_record(1772269625.5);
  const ReadEvent event = event_of(record);
  EXPECT_EQ(event.file_version, "brain.Event:2");
  EXPECT_EQ(event.wall_time, 1772269625.5);
  // As TensorFlow writes it: 24 bytes, the double, the text.
  EXPECT_EQ(record.substr(0, 8), std::string("\x18\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(record.substr(8, 4), "\xA3\x7F\x4B\x22");
  EXPECT_EQ(record[12], '\x09');
  EXPECT_EQ(record.substr(21, 15),
            "\x1A\x0D"
            "brain.Event:2");
}

TEST(Tensorboard, ScalarsAndSessionsReadBack) {
  const std::vector<Scalar> scalars = {{"train/loss", 0.1}, {"train/accuracy", 1.0}};
  const ReadEvent event = event_of(scalars_record({2.5, 1234567890123}, scalars));
  EXPECT_EQ(event.wall_time, 2.5);
  EXPECT_EQ(event.step, 1234567890123);
  EXPECT_THAT(event.scalars, ElementsAre(Pair("train/accuracy", 1.0F), Pair("train/loss", 0.1F)));
  EXPECT_EQ(event.session_status, 0);
  const ReadEvent start = event_of(session_start_record({3, 430}));
  EXPECT_EQ(start.session_status, 1);
  EXPECT_EQ(start.step, 430);
}

TEST(Tensorboard, LossesThatAreNotFiniteStayWhatTheyAre) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::vector<Scalar> scalars = {{"a", std::nan("")}, {"b", infinite}};
  const ReadEvent event = event_of(scalars_record({0, 1}, scalars));
  EXPECT_TRUE(std::isnan(event.scalars.at("a")));
  EXPECT_EQ(event.scalars.at("b"), std::numeric_limits<float>::infinity());
}

TEST(Tensorboard, HistogramsReadBack) {
  const std::vector<float> values = {-1, 0, 0, 0.5, 2};
  const Histogram histogram = histogram_of(values);
  const ReadEvent event = event_of(histogram_record({1, 7}, "gamma/bn1", histogram));
  const test::ReadHistogram& read = event.histograms.at("gamma/bn1");
  EXPECT_EQ(event.step, 7);
  EXPECT_EQ(read.min, -1);
  EXPECT_EQ(read.max, 2);
  EXPECT_EQ(read.count, 5);
  EXPECT_EQ(read.sum, 1.5);
  EXPECT_EQ(read.sum_of_squares, 5.25);
  EXPECT_EQ(read.limits, histogram.limits);
  EXPECT_EQ(read.buckets, histogram.buckets);
}

// The bucket of a value by TensorFlow's rule, on all limits.
std::size_t bucket_by_search(const std::vector<double>& limits, double value) {
  return static_cast<std::size_t>(std::upper_bound(limits.begin(), limits.end(), value) -
                                  limits.begin());
}

// How many of the values are below `limit` by the histogram, whose buckets are only joined where
// they are empty.
double below(const Histogram& histogram, double limit) {
  double count = 0;
  for (std::size_t i = 0; i < histogram.limits.size() && histogram.limits[i] <= limit; ++i)
    count += histogram.buckets[i];
  return count;
}

TEST(Tensorboard, BucketsGrowByATenthFromTheSmallest) {
  const std::vector<double> values = {1.05e-12, -1.05e-12, 0, -0.0, 5e-13, -5e-13};
  const Histogram histogram = histogram_of(values);
  EXPECT_EQ(below(histogram, -1e-12), 1);  // [-1.1e-12, -1e-12)
  EXPECT_EQ(below(histogram, 0), 2);       // with [-1e-12, 0)
  EXPECT_EQ(below(histogram, 1e-12), 5);   // with [0, 1e-12)
  EXPECT_EQ(below(histogram, 1e-12 * 1.1), 6);
  // None at the ends for the values that are not there.
  EXPECT_THAT(histogram.limits, ElementsAre(-1e-12, 0, 1e-12, 1e-12 * 1.1));
}

TEST(Tensorboard, RunsOfEmptyBucketsAreOneAndNoneAtTheEnds) {
  const Histogram histogram = histogram_of(std::vector<float>{1, 1, -1});
  ASSERT_EQ(histogram.buckets.size(), 3U);
  EXPECT_THAT(histogram.buckets, ElementsAre(1, 0, 2));
  EXPECT_GT(histogram.limits[0], -1);
  EXPECT_LT(histogram.limits[0], -0.9);
  EXPECT_LE(histogram.limits[1], 1);
  EXPECT_GT(histogram.limits[2], 1);
  EXPECT_LT(histogram.limits[2], 1.1);
  EXPECT_THAT(histogram_of(std::vector<float>{0}).buckets, ElementsAre(1));
}

TEST(Tensorboard, WhatIsNotFiniteIsLeftOut) {
  const float infinite = std::numeric_limits<float>::infinity();
  const Histogram histogram =
      histogram_of(std::vector<float>{infinite, -infinite, std::nanf(""), 3});
  EXPECT_EQ(histogram.count, 1);
  EXPECT_EQ(histogram.max, 3);
  EXPECT_EQ(histogram_of(std::vector<float>{infinite}).count, 0);
  EXPECT_EQ(histogram_of(std::vector<double>{}).count, 0);
  const std::vector<double> ends = {std::numeric_limits<double>::max(),
                                    std::numeric_limits<double>::lowest()};
  EXPECT_EQ(histogram_of(ends).count, 2);
}

// Floats find their bucket by their upper bits: it is the one that a search finds.
TEST(Tensorboard, FloatsLieInTheBucketsOfDoubles) {
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    const Histogram narrow = histogram_of(std::vector<float>{value});
    const Histogram wide = histogram_of(std::vector<double>{static_cast<double>(value)});
    EXPECT_EQ(narrow.limits, wide.limits) << value;
    EXPECT_EQ(narrow.buckets, wide.buckets) << value;
  }
}

TEST(Tensorboard, FloatsBesideEveryLimitLieOnTheRightSide) {
  std::vector<double> limits;
  for (double limit = 1e-12; limit < 1e20; limit *= 1.1) limits.push_back(limit);
  for (const double limit : limits) {
    for (const double sign : {1.0, -1.0}) {
      const auto near = static_cast<float>(sign * limit);
      std::vector<float> values = {near, std::nextafter(near, 1e30F), std::nextafter(near, -1e30F)};
      const std::vector<double> wide(values.begin(), values.end());
      EXPECT_EQ(histogram_of(values).buckets, histogram_of(wide).buckets) << near;
    }
  }
}

TEST(Tensorboard, EveryValueIsCounted) {
  std::vector<float> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(static_cast<float>(i)) * 1e-3F;
  const Histogram histogram = histogram_of(values);
  EXPECT_EQ(std::accumulate(histogram.buckets.begin(), histogram.buckets.end(), 0.0), 5000);
  for (const double limit : {-5e-4, 0.0, 5e-4}) {
    const std::size_t bucket = bucket_by_search(histogram.limits, limit);
    const double bound = histogram.limits.at(bucket);
    const auto fewer = std::count_if(values.begin(), values.end(), [&](float value) {
      return static_cast<double>(value) < bound;
    });
    EXPECT_EQ(below(histogram, bound), static_cast<double>(fewer)) << bound;
  }
}

}  // namespace
}  // namespace evenkeel::tensorboard
