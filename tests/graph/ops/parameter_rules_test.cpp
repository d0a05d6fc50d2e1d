// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/parameter_rules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/graph/text.h"
#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(ParameterRuleShape, is_the_parameters) {
  EXPECT_EQ(infer(PenaltyGrad{0.5, 1}, "f32[4], f32[4]"), "f32[4]");
  EXPECT_EQ(infer(Constrain{Bound::max_norm, 0, 2}, "f64[4]"), "f64[4]");
  EXPECT_EQ(infer(PenaltyGrad{-1, 0}, "f32[4], f32[4]"),
            "[penalty_grad] penalty_grad: expected a finite l1 of at least 0, not -1.000000, got "
            "f32[4], f32[4]");
  EXPECT_EQ(infer(Constrain{}, "f32[4]"), "[constrain] constrain: expected a bound, got f32[4]");
}

TEST(ParameterRuleShape, refuses_bounds_without_sense) {
  EXPECT_EQ(bound_fault({Bound::max_norm, 0, -1}),
            "a finite largest norm of at least 0, not -1.000000");
  EXPECT_EQ(bound_fault({Bound::max_norm, 0, HUGE_VAL}),
            "a finite largest norm of at least 0, not inf");
  EXPECT_EQ(bound_fault({Bound::min_max_norm, 2, 1}),
            "a smallest norm from 0 to the largest, 1.000000, not 2.000000");
  EXPECT_EQ(bound_fault({Bound::min_max_norm, 0, 1, 1.5}), "a rate from 0 to 1, not 1.500000");
  EXPECT_EQ(bound_fault({Bound::min_max_norm, 0.5, 1, 0.5}), "");
  EXPECT_EQ(bound_fault({Bound::non_negative}), "");
}

// Files of before have none of this in their text.
TEST(StateText, NamesPenaltyBoundAndFrozenWhereTheyAre) {
  Graph plain("g");
  plain.add(State{{DType::f32, {2}}, Role::gamma, Initializer::ones}, {}, "g");
  EXPECT_EQ(to_text(plain),
            "graph g\n@g = state {type f32[2], role gamma, initializer ones, value 0} : f32[2]\n");
  State state{{DType::f32, {2}}, Role::gamma, Initializer::ones};
  state.l1 = 0.5;
  state.bound = Bound::min_max_norm;
  state.high = 2;
  state.rate = 0.25;
  state.frozen = true;
  Graph graph("g");
  graph.add(state, {}, "g");
  EXPECT_EQ(to_text(graph),
            "graph g\n@g = state {type f32[2], role gamma, initializer ones, value 0, l1 0.5, "
            "bound min_max_norm, high 2, rate 0.25, frozen true} : f32[2]\n");
  EXPECT_EQ(parse_graph(to_text(graph)), graph);
}

TEST(StateShape, only_what_trains_has_a_penalty_or_is_frozen) {
  State state{{DType::f32, {2}}, Role::statistic};
  state.frozen = true;
  EXPECT_EQ(infer(state, ""),
            "[state] state: expected a role that trains for a penalty, a bound or frozen, got no "
            "inputs");
  state = {{DType::f32, {2}}, Role::gamma};
  state.l2 = std::nan("");
  EXPECT_EQ(infer(state, ""),
            "[state] state: expected a finite l2 of at least 0, not nan, got no inputs");
}

}  // namespace
}  // namespace evenkeel::test
