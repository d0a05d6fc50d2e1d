// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/verify.h"

#include <gtest/gtest.h>

#include "evenkeel/graph/text.h"
#include "tests/support/graph_checks.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

using test::message_of;

// A well-typed graph cannot be built wrongly, so the tests damage one as a bug would.
Node& damage(Graph& graph, std::string_view name) {
  return const_cast<Node&>(graph.node(graph.find(name)));
}

std::string verdict(const Graph& graph, Level level) {
  return message_of([&] { verify(graph, level); });
}
std::string verdict(std::string_view text, Level level) {
  return verdict(parse_graph(text), level);
}

constexpr std::string_view kChain = R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%a = relu %x : f32[N,3]
%b = relu %a : f32[N,3]
output y = %b
)";

TEST(Verify, accepts_what_is_well_built) {
  for (const Level level : {Level::model, Level::training, Level::inference})
    EXPECT_EQ(verdict(kChain, level), "");
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(verdict(test::random_model(seed), Level::model), "");
    EXPECT_EQ(verdict(test::random_step(seed), Level::training), "");
  }
}

TEST(Verify, wants_inputs_of_earlier_nodes) {
  Graph graph = parse_graph(kChain);
  damage(graph, "a").inputs[0] = {graph.find("b"), 0};
  EXPECT_EQ(verdict(graph, Level::inference),
            "[a] expected a value of an earlier node, got output 0 of node 2");
  damage(graph, "a").inputs[0] = {graph.find("x"), 3};
  EXPECT_EQ(verdict(graph, Level::inference),
            "[a] expected a value of an earlier node, got output 3 of node 0");
}

TEST(Verify, wants_unique_names) {
  Graph graph = parse_graph(kChain);
  damage(graph, "b").name = "a";
  EXPECT_EQ(verdict(graph, Level::inference), "[a] expected unique names, got a second");
}

TEST(Verify, infers_types_anew) {
  Graph graph = parse_graph(kChain);
  damage(graph, "b").outputs[0].shape = {4, 4};
  EXPECT_EQ(verdict(graph, Level::inference),
            "[b] expected the types that follow from its inputs, got others");
  damage(graph, "b").op = MaxPool2d{};
  EXPECT_EQ(verdict(graph, Level::inference),
            "[b] max_pool2d: expected input 0 of rank 4, got f32[N,3]");
}

TEST(Verify, leaves_layouts_to_the_planner_but_for_those_that_attributes_give) {
  Graph graph = parse_graph(kChain);
  graph.set_layout({graph.find("b"), 0}, {"blocked16"}, 64);
  EXPECT_EQ(verdict(graph, Level::inference), "");
  const Value dense = graph.add(Reorder{}, {{graph.find("b"), 0}}, "dense");
  EXPECT_EQ(verdict(graph, Level::inference), "");
  graph.set_layout(dense, {"blocked16"}, 64);
  EXPECT_EQ(verdict(graph, Level::inference),
            "[dense] expected the types that follow from its inputs, got others");
}

TEST(Verify, blames_the_caller_for_a_model_and_us_for_a_step) {
  Graph graph = parse_graph(kChain);
  damage(graph, "b").name = "a";
  EXPECT_THROW(verify(graph, Level::model), InvalidArgument);
  EXPECT_THROW(verify(graph, Level::training), RuntimeFailure);
  EXPECT_THROW(verify(graph, Level::inference), RuntimeFailure);
}

TEST(Verify, wants_finite_values_guarded_and_counts_checked) {
  const std::string n = "%n = constant {type i32[], value 0} : i32[]\n";
  EXPECT_EQ(verdict(std::string(kChain) + n + "guard %n\n", Level::training),
            "[n] expected a guarded value of dtype f32 or f64, got i32[]");
  EXPECT_EQ(verdict(std::string(kChain) + "check %b\n", Level::training),
            "[b] expected a checked value of dtype i32, got f32[N,3]");
  EXPECT_EQ(verdict(std::string(kChain) + n + "guard %b\ncheck %n\n", Level::training), "");
}

constexpr std::string_view kModel = R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
@gamma = state {type f32[3]} : f32[3]
@n = state {type i64[]} : i64[]
%bn = batch_norm %x, @gamma, @gamma, @gamma, @gamma, @n : f32[N,3]
)";

TEST(Verify, wants_modes_in_a_step) {
  EXPECT_EQ(verdict(kModel, Level::model), "");
  const std::string expected = "[bn] expected only ops with a mode in a step, got batch_norm";
  EXPECT_EQ(verdict(kModel, Level::training), expected);
  EXPECT_EQ(verdict(kModel, Level::inference), expected);
}

TEST(Verify, wants_updates_in_training_only) {
  const std::string text = std::string(kChain) +
                           "@w = state {type f32[3]} : f32[3]\n"
                           "%v = relu @w : f32[3]\n"
                           "update @w <- %v\n";
  EXPECT_EQ(verdict(text, Level::training), "");
  const std::string expected = "[w] expected no update outside of a training step, got one";
  EXPECT_EQ(verdict(text, Level::inference), expected);
  EXPECT_EQ(verdict(text, Level::model), expected);
}

const std::string kStates = R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
@gamma = state {type f32[3]} : f32[3]
@mean = state {type f32[3], role statistic} : f32[3]
@variance = state {type f32[3], role statistic} : f32[3]
@n = state {type i64[], role statistic} : i64[]
%m, %m.1, %m.2 = channel_moments %x : f64[3], f64[3], f64[3]
%n_next = increment @n : i64[]
)";
const std::string kApply = "%bn = batch_norm_apply %x, %m, %m.1, %m.2, @gamma, @gamma : f32[N,3]\n";
const std::string kMoving =
    "%u, %u.1 = update_moving @mean, @variance, @n, %m, %m.1, %m.2 : f32[3], f32[3]\n";
const std::string kUpdates = "update @mean <- %u\nupdate @variance <- %u.1\nupdate @n <- %n_next\n";
const std::string kNeverLearned =
    "[bn] expected an update_moving of its moments that updates the moving mean, the moving "
    "variance and updates_seen, got none: it would predict with what it never learned";

TEST(Verify, wants_moving_statistics_learned_in_training) {
  EXPECT_EQ(verdict(kStates + kApply + kMoving + kUpdates, Level::training), "");
  EXPECT_EQ(verdict(kStates + kApply, Level::training), kNeverLearned);
  // TF1's trap: the new statistics are computed and never stored.
  EXPECT_EQ(verdict(kStates + kApply + kMoving, Level::training), kNeverLearned);
  EXPECT_EQ(verdict(kStates + kApply + kMoving + "update @mean <- %u\nupdate @n <- %n_next\n",
                    Level::training),
            kNeverLearned);
  EXPECT_EQ(verdict(kStates + kApply + kMoving + "update @mean <- %u\nupdate @variance <- %u.1\n",
                    Level::training),
            kNeverLearned);
  EXPECT_EQ(verdict(kStates + kApply + kMoving +
                        "update @mean <- %u.1\nupdate @variance <- %u\nupdate @n <- %n_next\n",
                    Level::training),
            kNeverLearned);
}

TEST(Verify, wants_the_statistics_of_these_very_moments) {
  const std::string other =
      "%o, %o.1, %o.2 = channel_moments %x : f64[3], f64[3], f64[3]\n"
      "%u, %u.1 = update_moving @mean, @variance, @n, %o, %o.1, %o.2 : f32[3], f32[3]\n";
  EXPECT_EQ(verdict(kStates + kApply + other + kUpdates, Level::training), kNeverLearned);
}

TEST(Verify, takes_merged_moments) {
  EXPECT_EQ(verdict(kStates +
                        "%a, %a.1, %a.2 = merge_moments %m, %m.1, %m.2, %m, %m.1, %m.2 : f64[3], "
                        "f64[3], f64[3]\n"
                        "%bn = batch_norm_apply %x, %a, %a.1, %a.2, @gamma, @gamma : f32[N,3]\n"
                        "%u, %u.1 = update_moving @mean, @variance, @n, %a, %a.1, %a.2 : f32[3], "
                        "f32[3]\n" +
                        kUpdates,
                    Level::training),
            "");
}

TEST(Verify, wants_moments_that_were_measured) {
  EXPECT_EQ(
      verdict(kStates + "%one = constant {type f64[3], value 1} : f64[3]\n"
                        "%bn = batch_norm_apply %x, %one, %m.1, %m.2, @gamma, @gamma : f32[N,3]\n",
              Level::training),
      "[bn] expected count, mean and M2 of channel_moments or merge_moments, got constant");
  EXPECT_EQ(
      verdict(kStates + "%bn = batch_norm_apply %x, %m, %m.1, %m, @gamma, @gamma : f32[N,3]\n",
              Level::training),
      "[bn] expected count, mean and M2 of channel_moments or merge_moments, got "
      "channel_moments");
}

}  // namespace
}  // namespace evenkeel
