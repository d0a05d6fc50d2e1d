// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/epoch_means.h"

#include <gtest/gtest.h>

#include <cmath>

namespace evenkeel {
namespace {

BatchEvent batch(std::int64_t number, double loss, std::int64_t correct) {
  BatchEvent event;
  event.batch = number;
  event.step = 10 + number;
  event.batch_size = 4;
  event.loss = loss;
  event.correct = correct;
  return event;
}

TEST(EpochMeans, AreOverTheBatchesOfOneEpoch) {
  EpochMeans means;
  EXPECT_TRUE(std::isnan(means.loss()));
  EXPECT_TRUE(std::isnan(means.accuracy()));
  std::map<std::string, std::string> notes;
  means.add(batch(1, 2, 1), notes);
  means.add(batch(2, 1, 2), notes);
  EXPECT_EQ(means.loss(), 1.5);
  EXPECT_EQ(means.accuracy(), 3.0 / 8);
  means.add(batch(1, 7, 4), notes);
  EXPECT_EQ(means.loss(), 7);
  EXPECT_EQ(means.accuracy(), 1);
}

TEST(EpochMeans, GoOnFromTheNotesOfTheSameStepToTheLastBit) {
  EpochMeans whole;
  std::map<std::string, std::string> notes;
  whole.add(batch(1, 0.1, 1), notes);
  whole.add(batch(2, 1.0 / 3, 2), notes);
  EpochMeans resumed;
  resumed.resume(notes, 12);
  EXPECT_EQ(resumed.loss(), whole.loss());
  whole.add(batch(3, 1e-9, 0), notes);
  std::map<std::string, std::string> other_notes;
  resumed.add(batch(3, 1e-9, 0), other_notes);
  EXPECT_EQ(resumed.loss(), whole.loss());
  EXPECT_EQ(resumed.accuracy(), whole.accuracy());
  EXPECT_EQ(other_notes, notes);
}

TEST(EpochMeans, BeginAnewWhereNotesAreOfAnotherStepOrDamaged) {
  EpochMeans means;
  std::map<std::string, std::string> notes;
  means.add(batch(1, 2, 1), notes);
  means.resume(notes, 12);
  EXPECT_TRUE(std::isnan(means.loss()));
  for (auto& [key, value] : notes) value = "11 x";
  means.resume(notes, 11);
  EXPECT_TRUE(std::isnan(means.loss()));
  means.resume({}, 0);
  EXPECT_TRUE(std::isnan(means.loss()));
}

}  // namespace
}  // namespace evenkeel
