// SPDX-License-Identifier: Apache-2.0
// Cutting phases, on numbers alone.
#include "evenkeel/compile/schedule.h"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using Phases = std::vector<std::vector<int>>;

Task task(PhaseKind kind, std::int64_t extent, std::vector<int> after = {},
          std::vector<int> earlier = {}) {
  Task result;
  result.kind = kind;
  result.extent = extent;
  result.after = std::move(after);
  result.earlier = std::move(earlier);
  return result;
}

TEST(Schedule, TasksOnOneGridThatReadTheirOwnSliceShareAPhase) {
  const auto result = schedule({task(PhaseKind::samples, 4), task(PhaseKind::samples, 4, {0}),
                                task(PhaseKind::samples, 4, {1})},
                               1000);
  EXPECT_EQ(result.phases, (Phases{{0, 1, 2}}));
}

TEST(Schedule, AWholeResultOfThePhaseEndsIt) {
  const auto result =
      schedule({task(PhaseKind::channels, 4), task(PhaseKind::channels, 4, {0}, {0})}, 1000);
  EXPECT_EQ(result.phases, (Phases{{0}, {1}}));
}

TEST(Schedule, AnotherExtentOrKindEndsThePhase) {
  const auto result = schedule({task(PhaseKind::channels, 4), task(PhaseKind::channels, 8, {0}),
                                task(PhaseKind::elements, 8, {1})},
                               1000);
  EXPECT_EQ(result.phases, (Phases{{0}, {1}, {2}}));
}

TEST(Schedule, ATeamIsAloneInItsPhase) {
  const auto result = schedule({task(PhaseKind::team, 1), task(PhaseKind::team, 1)}, 1000);
  EXPECT_EQ(result.phases, (Phases{{0}, {1}}));
}

TEST(Schedule, ASliceThatLeavesTheCacheEndsThePhase) {
  Task a = task(PhaseKind::samples, 4);
  Task b = task(PhaseKind::samples, 4, {0});
  a.slice_bytes = b.slice_bytes = 600;
  EXPECT_EQ(schedule({a, b}, 1200).phases, (Phases{{0, 1}}));
  EXPECT_EQ(schedule({a, b}, 1100).phases, (Phases{{0}, {1}}));
}

TEST(Schedule, WhatTheGuardWaitsForComesFirst) {
  std::vector<Task> tasks = {task(PhaseKind::whole, 1), task(PhaseKind::whole, 1),
                             task(PhaseKind::whole, 1, {1})};
  tasks[1].before_guard = tasks[2].before_guard = true;
  const auto result = schedule(tasks, 1000);
  EXPECT_EQ(result.phases, (Phases{{1, 2}, {0}}));
  EXPECT_EQ(result.guard, 1);
}

TEST(Schedule, AnUpdateRunsAsSoonAsItsOtherReadersAreDone) {
  // 0 makes a gradient, 1 still reads the state, 2 updates it, 3 has time.
  std::vector<Task> tasks = {task(PhaseKind::team, 1), task(PhaseKind::team, 1),
                             task(PhaseKind::elements, 4, {0, 1}, {1}), task(PhaseKind::team, 1)};
  tasks[2].updates = true;
  EXPECT_EQ(schedule(tasks, 1000).phases, (Phases{{0}, {1}, {2}, {3}}));
}

TEST(Schedule, AReaderOfTheOldStateNeverSharesThePhaseOfItsUpdate) {
  const auto result =
      schedule({task(PhaseKind::elements, 4), task(PhaseKind::elements, 4, {0}, {0})}, 1000);
  EXPECT_EQ(result.phases, (Phases{{0}, {1}}));
}

TEST(Schedule, OtherWorkComesBeforeASlicedPhaseThatItWouldCut) {
  // 0 and 2 are slices, 1 packs the weights that 2 reads whole.
  const auto result = schedule({task(PhaseKind::samples, 4), task(PhaseKind::team, 1),
                                task(PhaseKind::samples, 4, {0, 1}, {1})},
                               1000);
  EXPECT_EQ(result.phases, (Phases{{1}, {0, 2}}));
}

}  // namespace
}  // namespace evenkeel
