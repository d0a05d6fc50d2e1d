// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/progress.h"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

constexpr Progress kMidway = {3, 10, 231, 429, 12345, 41.5};

TEST(Progress, SaysEverythingWhereThereIsRoom) {
  EXPECT_EQ(progress_line(kMidway, 79),
            "Epoch 3/10 [================>             ] 231/429  12,345 images/s  0:42 left");
}

TEST(Progress, LeavesOutWhatANarrowTerminalHasNoRoomFor) {
  EXPECT_EQ(progress_line(kMidway, 58),
            "Epoch 3/10 [====>    ] 231/429  12,345 images/s  0:42 left");
  EXPECT_EQ(progress_line(kMidway, 50), "Epoch 3/10 231/429  12,345 images/s  0:42 left");
  EXPECT_EQ(progress_line(kMidway, 40), "Epoch 3/10 231/429  0:42 left");
  EXPECT_EQ(progress_line(kMidway, 25), "3/10 231/429  0:42 left");
  EXPECT_EQ(progress_line(kMidway, 12), "3/10 231/429");
}

TEST(Progress, NeverPassesTheWidth) {
  for (int width = 0; width < 200; ++width)
    EXPECT_LE(static_cast<int>(progress_line(kMidway, width).size()), width);
}

TEST(Progress, LeavesOutWhatIsNotKnownYet) {
  EXPECT_EQ(progress_line({1, 2, 0, 7}, 30), "Epoch 1/2 [>             ] 0/7");
}

TEST(Progress, BarIsFullAtTheLastBatch) {
  EXPECT_EQ(progress_line({1, 1, 7, 7}, 30), "Epoch 1/1 [==============] 7/7");
}

}  // namespace
}  // namespace evenkeel
