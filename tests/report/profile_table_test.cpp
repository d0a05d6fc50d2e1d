// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/profile_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

// 10 runs of 4 ms: 3 ms in a phase of two steps, 1 ms in a guard.
Profile profile() {
  Profile result;
  result.runs = 10;
  result.seconds = 0.04;
  result.phases = {
      {PhaseKind::samples,
       4,
       0.03,
       {{"conv1", "onednn/conv2d", 0.04, 2e6}, {"pool1", "native/max_pool2d", 0.02, 0}}},
      {PhaseKind::guard, 1, 0.01, {}}};
  return result;
}

TEST(ProfileTable, StepsShareTheTimeOfTheirPhase) {
  const auto rows = profile_rows(profile());
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_DOUBLE_EQ(rows[0].milliseconds, 2);
  EXPECT_DOUBLE_EQ(rows[0].percent, 50);
  EXPECT_DOUBLE_EQ(rows[0].gflops, 1);  // 2 MFLOP in 2 ms
  EXPECT_DOUBLE_EQ(rows[1].milliseconds, 1);
  EXPECT_DOUBLE_EQ(rows[1].gflops, 0);
  EXPECT_DOUBLE_EQ(rows[2].milliseconds, 1);
  EXPECT_EQ(rows[2].kind, "guard");
}

TEST(ProfileTable, RowsAddUpToTheRun) {
  double milliseconds = 0;
  double percent = 0;
  for (const ProfileRow& row : profile_rows(profile())) {
    milliseconds += row.milliseconds;
    percent += row.percent;
  }
  EXPECT_DOUBLE_EQ(milliseconds, 4);
  EXPECT_DOUBLE_EQ(percent, 100);
}

TEST(ProfileTable, ShowsWhatIsThereAndTheWhole) {
  const std::string text = to_text(profile());
  EXPECT_THAT(text, HasSubstr("mean of 10 steps"));
  EXPECT_THAT(text,
              HasSubstr("1      samples  conv1  onednn/conv2d        2.000   50.0      1.0\n"));
  EXPECT_THAT(text,
              HasSubstr("all                                         4.000  100.0      0.5\n"));
}

TEST(ProfileTable, NoRunsAreNoTime) {
  Profile nothing = profile();
  nothing.runs = 0;
  nothing.seconds = 0;
  for (const ProfileRow& row : profile_rows(nothing)) EXPECT_EQ(row.milliseconds, 0);
}

}  // namespace
}  // namespace evenkeel
