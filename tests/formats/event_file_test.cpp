// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "tests/support/event_reader.h"
#include "tests/support/idx_files.h"

namespace evenkeel::tensorboard {
namespace {

namespace fs = std::filesystem;
using test::event_files_in;
using test::read_events;
using test::ReadEvent;
using ::testing::MatchesRegex;

EventFile::Clock at(double seconds) {
  return [seconds] { return seconds; };
}

std::vector<Scalar> loss(double value) { return {{"train/loss", value}}; }

TEST(EventFile, NamesTheFileAndBeginsWithVersionAndStart) {
  const test::TemporaryFolder folder;
  EventFile file(folder.path(), 0, at(1772269625.75));
  EXPECT_THAT(file.path().filename().string(),
              MatchesRegex("events\\.out\\.tfevents\\.1772269625\\.[-A-Za-z0-9._]+\\.evenkeel"));
  file.add(1, loss(2.5));
  file.add(1, "weights/dense1/kernel", histogram_of(std::vector<float>{1, 2}));
  file.add(1, "weights/none", Histogram{});
  const auto read = read_events(test::read_bytes(file.path()));
  ASSERT_EQ(read.events.size(), 4U);
  EXPECT_EQ(read.events[0].file_version, "brain.Event:2");
  EXPECT_EQ(read.events[1].session_status, 1);
  EXPECT_EQ(read.events[1].step, 1);
  EXPECT_EQ(read.events[2].scalars.at("train/loss"), 2.5F);
  EXPECT_EQ(read.events[3].histograms.at("weights/dense1/kernel").count, 2);
}

TEST(EventFile, AResumedRunHasAFileOfItsOwnBehindTheOthers) {
  const test::TemporaryFolder folder;
  const EventFile first(folder.path(), 0, at(1772269625));
  const EventFile same_second(folder.path(), 10, at(1772269625));
  const EventFile clock_went_back(folder.path(), 20, at(1500000000));
  const EventFile no_clock(folder.path(), 30, at(-1e300));
  const std::vector<fs::path> expected = {first.path(), same_second.path(), clock_went_back.path(),
                                          no_clock.path()};
  EXPECT_EQ(event_files_in(folder.path()), expected);
  EXPECT_EQ(read_events(test::read_bytes(same_second.path())).events.at(1).step, 11);
}

TEST(EventFile, WallTimesNeverGoBackwards) {
  const test::TemporaryFolder folder;
  double now = 1000;
  EventFile file(folder.path(), 0, [&] { return now; });
  for (const double time : {1001.0, 500.0, 1000.5, 1002.0}) {
    now = time;
    file.add(1, loss(0));
  }
  std::vector<double> times;
  for (const ReadEvent& event : read_events(test::read_bytes(file.path())).events)
    times.push_back(event.wall_time);
  EXPECT_EQ(times, (std::vector<double>{1000, 1000, 1001, 1001, 1001, 1002}));
}

TEST(EventFile, IsReadableUpToTheLastWholeRecordWhereverItIsCut) {
  const test::TemporaryFolder folder;
  EventFile file(folder.path(), 0);
  for (int step = 1; step <= 3; ++step) file.add(step, loss(step));
  const test::ByteVector bytes = test::read_bytes(file.path());
  std::size_t events = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto read = read_events(std::span(bytes).first(size));
    EXPECT_GE(read.events.size(), events) << size;
    events = read.events.size();
  }
  EXPECT_EQ(events, 5U);
}

TEST(EventFile, WithoutAFolderItFails) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(EventFile(folder / "nowhere", 0), RuntimeFailure);
}

}  // namespace
}  // namespace evenkeel::tensorboard
