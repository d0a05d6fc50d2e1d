// SPDX-License-Identifier: Apache-2.0
// Plans of numbers alone: no graph, no kernels.
#include "evenkeel/compile/plan_checker.h"

#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "tests/support/graph_checks.h"

namespace evenkeel {
namespace {

Operand arena(std::int64_t offset, int value) { return {Space::arena, -1, offset, 0, 64, value}; }
Operand state(int index, int value) { return {Space::state, index, 0, 0, 64, value}; }

Step step(std::string name, std::vector<Operand> inputs, std::vector<Operand> outputs) {
  Step result;
  result.name = std::move(name);
  result.inputs = std::move(inputs);
  result.outputs = std::move(outputs);
  return result;
}

Phase phase(PhaseKind kind, std::vector<Step> steps) {
  Phase result;
  result.kind = kind;
  result.steps = std::move(steps);
  return result;
}

// x (value 0) is an input at 0; w (value 1) a state; "multiply" makes value 2 at 64.
Plan small_plan() {
  Plan plan;
  plan.graph = "small";
  plan.arena_bytes = 256;
  const ValueType type{DType::f32, Shape{16}, {}, 0};
  plan.inputs.push_back({"x", type, arena(0, 0)});
  plan.states.push_back({"w", type, false});
  plan.run.push_back(
      phase(PhaseKind::team, {step("multiply", {arena(0, 0), state(0, 1)}, {arena(64, 2)})}));
  Phase guard;
  guard.kind = PhaseKind::guard;
  guard.checks.push_back({"multiply", arena(64, 2), DType::f32, 16});
  plan.run.push_back(guard);
  return plan;
}

Step update() {
  Step result = step("update", {state(0, 1), arena(64, 2)}, {state(0, 3)});
  result.in_place = {{0, 0}};
  return result;
}

std::string problem(const Plan& plan) {
  return test::message_of([&] { check_plan(plan); });
}

TEST(PlanChecker, AcceptsAnUpdateAfterTheGuardAndTheLastReader) {
  Plan plan = small_plan();
  plan.run.push_back(phase(PhaseKind::elements, {update()}));
  EXPECT_EQ(problem(plan), "");
}

TEST(PlanChecker, RefusesAPlanThatNeverWritesAStateItShouldUpdate) {
  Plan plan = small_plan();
  plan.states[0].written = true;
  EXPECT_NE(problem(plan).find("never writes this state"), std::string::npos);
  plan.run.push_back(phase(PhaseKind::elements, {update()}));
  EXPECT_EQ(problem(plan), "");
}

TEST(PlanChecker, RefusesAnUpdateBeforeALaterReader) {
  Plan plan = small_plan();
  plan.run.push_back(phase(PhaseKind::elements, {update()}));
  plan.run.push_back(phase(PhaseKind::team,
                           {step("data_gradient", {arena(64, 2), state(0, 1)}, {arena(128, 4)})}));
  EXPECT_NE(problem(plan).find("[data_gradient]"), std::string::npos);
  EXPECT_NE(problem(plan).find("reads state 'w' after it was updated"), std::string::npos);
}

TEST(PlanChecker, RefusesAnUpdateBeforeTheGuard) {
  Plan plan = small_plan();
  plan.run.insert(plan.run.begin() + 1, phase(PhaseKind::elements, {update()}));
  EXPECT_NE(problem(plan).find("updates a state before the guard"), std::string::npos);
}

TEST(PlanChecker, RefusesAnUpdateOfAStateThatItsPhaseReads) {
  Plan plan = small_plan();
  plan.run.push_back(
      phase(PhaseKind::elements, {step("reader", {state(0, 1)}, {arena(128, 4)}), update()}));
  EXPECT_NE(problem(plan).find("updates a state that its phase reads"), std::string::npos);
}

TEST(PlanChecker, RefusesAValueThatWasOverwritten) {
  Plan plan = small_plan();
  plan.run.push_back(phase(PhaseKind::whole, {step("clobber", {}, {arena(64, 5)})}));
  plan.run.push_back(phase(PhaseKind::whole, {step("reader", {arena(64, 2)}, {arena(128, 6)})}));
  EXPECT_NE(problem(plan).find("[reader]"), std::string::npos);
  EXPECT_NE(problem(plan).find("never made or is overwritten"), std::string::npos);
}

TEST(PlanChecker, RefusesAValueThatIsHalfOverwritten) {
  Plan plan = small_plan();
  plan.run.push_back(phase(PhaseKind::whole, {step("clobber", {}, {arena(96, 5)})}));
  plan.outputs.push_back({"y", {}, arena(64, 2)});
  EXPECT_NE(problem(plan).find("[y]"), std::string::npos);
}

TEST(PlanChecker, RefusesAStepThatOverwritesItsInputUnlessItsKernelAllowsThat) {
  Plan plan = small_plan();
  Step in_place = step("negate", {arena(64, 2)}, {arena(64, 5)});
  plan.run.push_back(phase(PhaseKind::whole, {in_place}));
  EXPECT_NE(problem(plan).find("overwrites its own input"), std::string::npos);
  plan.run.back().steps[0].in_place = {{0, 0}};
  EXPECT_EQ(problem(plan), "");
}

TEST(PlanChecker, RefusesTwoStepsOfAPhaseThatWriteTheSamePlace) {
  Plan plan = small_plan();
  plan.run.push_back(
      phase(PhaseKind::elements, {step("a", {}, {arena(128, 5)}), step("b", {}, {arena(160, 6)})}));
  EXPECT_NE(problem(plan).find("writes what another step of its phase writes"), std::string::npos);
}

TEST(PlanChecker, RefusesAnOperandOutsideItsMemory) {
  Plan plan = small_plan();
  plan.run.push_back(phase(PhaseKind::whole, {step("far", {}, {arena(224, 5)})}));
  EXPECT_NE(problem(plan).find("outside its memory"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
