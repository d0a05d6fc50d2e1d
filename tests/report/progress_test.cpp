// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Progress midway() {
  Progress progress{3, 10, 231, 429, 12345, 41.5};
  progress.loss = 0.12341;
  progress.accuracy = 0.97119;
  for (int i = 0; i < 32; ++i) progress.losses.push_back(2.0 / (1 + i));
  progress.blocks = true;
  return progress;
}

int columns_of(const std::string& text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

TEST(Progress, SaysEverythingWhereThereIsRoom) {
  EXPECT_EQ(
      progress_line(midway(), 119),
      "Epoch 3/10 [============>          ] 231/429  loss 0.1234 █▆▅▄▄▃▃▃▂▂▂▂▁▁▁▁  accuracy 0.9712"
      "  12,345 images/s  0:42 left");
  EXPECT_EQ(progress_line(midway(), 96),
            "Epoch 3/10 [====>   ] 231/429  loss 0.1234 █▅▄▃▂▂▁▁  accuracy 0.9712"
            "  12,345 images/s  0:42 left");
}

TEST(Progress, SaysItInFewerWordsOnATerminalOf80Columns) {
  EXPECT_EQ(progress_line(midway(), 79),
            "3/10 [=====>    ] 231/429  loss 0.1234 █▅▄▃▂▂▁▁  acc 0.971  12,345/s  0:42 left");
}

TEST(Progress, LeavesOutWhatANarrowTerminalHasNoRoomFor) {
  EXPECT_EQ(progress_line(midway(), 66),
            "3/10 231/429  loss 0.1234 █▅▄▃▂▂▁▁  acc 0.971  12,345/s  0:42 left");
  EXPECT_EQ(progress_line(midway(), 60),
            "3/10 231/429  loss 0.1234  acc 0.971  12,345/s  0:42 left");
  EXPECT_EQ(progress_line(midway(), 50), "3/10 231/429  loss 0.1234  acc 0.971  0:42 left");
  EXPECT_EQ(progress_line(midway(), 40), "3/10 231/429  loss 0.1234  0:42 left");
  EXPECT_EQ(progress_line(midway(), 25), "3/10 231/429  0:42 left");
  EXPECT_EQ(progress_line(midway(), 19), "3/10 231/429 0.1234");
  EXPECT_EQ(progress_line(midway(), 12), "3/10 231/429");
  EXPECT_EQ(progress_line(midway(), 5), "3/10 ");
}

TEST(Progress, NeverPassesTheWidth) {
  for (int width = 0; width < 200; ++width)
    EXPECT_LE(columns_of(progress_line(midway(), width)), width);
}

TEST(Progress, HasNoBlocksWhereTheTerminalTakesNone) {
  Progress plain = midway();
  plain.blocks = false;
  for (int width = 0; width < 200; ++width)
    for (const char c : progress_line(plain, width)) ASSERT_GE(c, ' ') << width;
  EXPECT_EQ(progress_line(plain, 79),
            "3/10 [==========>        ] 231/429  loss 0.1234  acc 0.971  12,345/s  "
            "0:42 left");
}

TEST(Progress, ALineIsCutBetweenCharacters) {
  const std::string text = "lr 1 × 2 → 3";
  EXPECT_EQ(first_columns(text, 99), text);
  EXPECT_EQ(first_columns(text, 12), text);
  EXPECT_EQ(first_columns(text, 11), "lr 1 × 2 → ");
  EXPECT_EQ(first_columns(text, 10), "lr 1 × 2 →");
  EXPECT_EQ(first_columns(text, 6), "lr 1 ×");
  EXPECT_EQ(first_columns(text, 5), "lr 1 ");
  EXPECT_EQ(first_columns(text, 0), "");
  EXPECT_EQ(first_columns(text, -1), "");
}

TEST(Progress, LeavesOutWhatIsNotKnownYet) {
  EXPECT_EQ(progress_line({1, 2, 0, 7}, 30), "Epoch 1/2 [>             ] 0/7");
  Progress first = midway();
  first.losses = {2.3};
  EXPECT_THAT(progress_line(first, 119), Not(HasSubstr("█")));
  first.losses = {2.3, 0, 1.2};  // 0 has no logarithm
  EXPECT_THAT(progress_line(first, 119), HasSubstr(" █ ▁ "));
}

TEST(Progress, LongNumbersKeepFourDigits) {
  Progress large = midway();
  large.loss = 123456.789;
  EXPECT_THAT(progress_line(large, 119), HasSubstr("loss 1.235e+05 "));
}

TEST(Progress, BarIsFullAtTheLastBatch) {
  EXPECT_EQ(progress_line({1, 1, 7, 7}, 30), "Epoch 1/1 [==============] 7/7");
}

}  // namespace
}  // namespace evenkeel
