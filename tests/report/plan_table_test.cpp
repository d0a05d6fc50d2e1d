// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/plan_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Step step(const std::string& name, Space results) {
  Step result;
  result.name = name;
  result.kernel = "native/relu";
  result.flops = 2e6;
  Operand output;
  output.space = results;
  result.outputs = {output, output};
  return result;
}

Plan plan() {
  Plan result;
  result.batch = 128;
  result.threads = 2;
  result.arena_bytes = 1000;
  result.arena_bytes_without_reuse = 3000;
  result.passes = {{"simplify", 12, 10, true, 0.0015}};
  Phase slices;
  slices.kind = PhaseKind::samples;
  slices.extent = 4;
  slices.slice = 32;
  slices.steps = {step("conv1", Space::worker), step("pool1", Space::arena)};
  Phase guard;
  guard.kind = PhaseKind::guard;
  guard.checks = {{"loss", {}, DType::f32, 1}};
  Phase team;
  team.kind = PhaseKind::team;
  team.steps = {step("dense1", Space::state)};
  result.run = {slices, guard, team};
  return result;
}

TEST(PlanTable, CountsEachSliceAsACall) { EXPECT_EQ(kernel_calls(plan()), 2 * 4 + 1); }

TEST(PlanTable, SaysHowPhasesAreDividedAndWhereResultsLie) {
  EXPECT_EQ(division_of(plan().run[0], 2), "4 x 32 images");
  EXPECT_EQ(division_of(plan().run[1], 2), "1 lane");
  EXPECT_EQ(division_of(plan().run[2], 2), "2 threads");
  EXPECT_EQ(places_of(plan().run[0].steps[0]), "slice");
  Step both = step("x", Space::arena);
  both.outputs[1].space = Space::state;
  EXPECT_EQ(places_of(both), "arena state");
}

TEST(PlanTable, ShowsPassesMemoryAndPhases) {
  const std::string text = to_text(plan(), "Training");
  EXPECT_THAT(text, HasSubstr("Training, batch 128, threads 2\n"));
  EXPECT_THAT(text, HasSubstr("simplify     12     10      yes  1.50\n"));
  EXPECT_THAT(text, HasSubstr("arena 1.0 kB, without reuse 3.0 kB"));
  EXPECT_THAT(text, HasSubstr("3 phases, 9 kernel calls\n"));
  EXPECT_THAT(text, HasSubstr("1      samples  4 x 32 images  conv1         native/relu  2.0 M  "
                              "slice\n"));
  EXPECT_THAT(text, HasSubstr("2      guard    1 lane         finite: loss\n"));
}

}  // namespace
}  // namespace evenkeel
