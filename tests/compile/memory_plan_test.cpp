// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/memory_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/gradient_check.h"

namespace evenkeel {
namespace {

bool share_time(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

TEST(MemoryPlan, BuffersOfDifferentTimesShareTheirPlace) {
  const MemoryPlan plan = plan_memory({{1000, 0, 1}, {1000, 2, 3}, {1000, 4, 5}});
  EXPECT_EQ(plan.offsets, (std::vector<std::int64_t>{0, 0, 0}));
  EXPECT_EQ(plan.bytes, 1024);
}

TEST(MemoryPlan, ABufferReadInThePhaseThatMakesAnotherKeepsItsPlace) {
  const MemoryPlan plan = plan_memory({{64, 0, 1}, {64, 1, 2}});
  EXPECT_NE(plan.offsets[0], plan.offsets[1]);
}

TEST(MemoryPlan, ASmallBufferFillsAGap) {
  // a lives throughout, b early, c late beside a: c takes b's place.
  const MemoryPlan plan = plan_memory({{256, 0, 9}, {128, 0, 4}, {128, 5, 9}});
  EXPECT_EQ(plan.offsets[1], plan.offsets[2]);
  EXPECT_EQ(plan.bytes, 384);
}

TEST(MemoryPlan, RandomBuffersThatLiveTogetherNeverOverlapAndAreAligned) {
  test::for_random_cases(200, [](test::Draw& draw) {
    std::vector<Lifetime> buffers;
    std::int64_t largest_at_once = 0;
    for (std::int64_t i = draw.integer(1, 30); i > 0; --i) {
      const std::int64_t first = draw.integer(0, 20);
      buffers.push_back({draw.integer(0, 5000), first, draw.integer(first, 20)});
    }
    const MemoryPlan plan = plan_memory(buffers);
    for (std::size_t a = 0; a < buffers.size(); ++a) {
      EXPECT_EQ(plan.offsets[a] % 64, 0);
      EXPECT_LE(plan.offsets[a] + buffers[a].bytes, plan.bytes);
      for (std::size_t b = 0; b < a; ++b)
        if (share_time(buffers[a], buffers[b])) {
          EXPECT_TRUE(plan.offsets[a] + buffers[a].bytes <= plan.offsets[b] ||
                      plan.offsets[b] + buffers[b].bytes <= plan.offsets[a]);
        }
    }
    for (std::int64_t time = 0; time <= 20; ++time) {
      std::int64_t now = 0;
      for (const Lifetime& buffer : buffers)
        if (buffer.first <= time && time <= buffer.last) now += buffer.bytes;
      largest_at_once = std::max(largest_at_once, now);
    }
    EXPECT_GE(plan.bytes, largest_at_once);
  });
}

}  // namespace
}  // namespace evenkeel
