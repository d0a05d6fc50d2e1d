// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/runtime/workspace.h"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

constexpr std::size_t kArena = std::size_t{1} << 20;

TEST(WorkspaceScratch, OfAPlanOfLessInAllOccupiesNothingAnew) {
  Workspace workspace;
  const std::byte* arena = workspace.arena(kArena);
  workspace.scratch(0, 1000, kArena);
  workspace.scratch(1, 1000, kArena);
  const std::size_t before = workspace.bytes();

  constexpr std::size_t kUsed = 100001;
  EXPECT_EQ(workspace.arena(kUsed), arena);
  const std::byte* first = workspace.scratch(0, 200000, kUsed);
  const std::byte* second = workspace.scratch(1, 200000, kUsed);
  EXPECT_GE(first, arena + kUsed);
  EXPECT_GE(second, first + 200000);
  EXPECT_LE(second + 200000, arena + kArena);
  EXPECT_EQ(workspace.bytes(), before);
}

TEST(WorkspaceScratch, IsMadeWhereTheArenaHasNoRoom) {
  Workspace workspace;
  const std::byte* arena = workspace.arena(kArena);
  const std::byte* scratch = workspace.scratch(0, 200000, kArena - 100);
  EXPECT_TRUE(scratch < arena || scratch >= arena + kArena);
  EXPECT_EQ(workspace.bytes(), kArena + 200000);
  EXPECT_EQ(workspace.scratch(0, 1000, 0), scratch) << "what there is, is enough";
}

}  // namespace
}  // namespace evenkeel
