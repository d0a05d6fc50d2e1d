// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/text.h"
#include "tests/support/graph_checks.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

using Values = std::vector<Value>;

constexpr std::string_view kStep = R"(graph g
@w = state {type f32[3]} : f32[3]
%a = relu @w : f32[3]
%unread = relu @w : f32[3]
%of_unread = relu %unread : f32[3]
%b = relu %a : f32[3]
%n = constant {type i32[], value 0} : i32[]
update @w <- %b
guard %a
check %n
output y = %b
)";

TEST(Rewrite, with_keep_copies) {
  const Graph step = parse_graph(kStep);
  EXPECT_EQ(rewrite(step, keep), step);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Graph random = test::random_step(seed);
    EXPECT_EQ(rewrite(random, keep), random) << "seed " << seed;
  }
}

TEST(Rewrite, lets_updates_guards_and_outputs_follow) {
  // Each relu of a relu becomes its input; each other one becomes scale.
  const Graph result = rewrite(
      parse_graph(kStep), [](Graph& to, const Graph& from, NodeId id, const Values& in) -> Values {
        const Node& node = from.node(id);
        if (!std::holds_alternative<Relu>(node.op)) return keep(to, from, id, in);
        if (std::holds_alternative<Relu>(from.node(node.inputs[0]).op)) return {in[0]};
        return {to.add(Scale{}, in, node.name)};
      });
  EXPECT_EQ(to_text(result), R"(graph g
@w = state {type f32[3], role parameter, initializer zeros, value 0} : f32[3]
%a = scale @w {factor 1, dtype f32} : f32[3]
%unread = scale @w {factor 1, dtype f32} : f32[3]
%n = constant {type i32[], value 0} : i32[]
update @w <- %a
guard %a
check %n
output y = %a
)");
}

Graph without(const Graph& graph, std::string_view name) {
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const Values& in) -> Values {
    return from.node(id).name == name ? Values{} : keep(to, from, id, in);
  });
}

TEST(Rewrite, removes_a_node_and_its_readers) {
  const Graph result = without(parse_graph(kStep), "unread");
  EXPECT_FALSE(result.contains("unread"));
  EXPECT_FALSE(result.contains("of_unread"));
  EXPECT_EQ(result.nodes().size(), 4U);
}

TEST(Rewrite, refuses_to_remove_what_is_needed) {
  EXPECT_EQ(test::message_of([] { without(parse_graph(kStep), "a"); }),
            "[b] expected a node that nobody reads, got one that a pass removed although an "
            "update, a guard, a check or an output still needs it");
}

TEST(Rewrite, refuses_a_replacement_with_other_outputs) {
  const auto twice = [](Graph& to, const Graph& from, NodeId id, const Values& in) {
    const Values values = keep(to, from, id, in);
    return Values{values[0], values[0]};
  };
  EXPECT_EQ(test::message_of([&] { rewrite(parse_graph(kStep), twice); }),
            "[w] expected a replacement of 1 values, got 2");
}

TEST(Rewrite, refuses_to_update_what_is_no_state) {
  const auto frozen = [](Graph& to, const Graph& from, NodeId id, const Values& in) -> Values {
    const Node& node = from.node(id);
    if (!std::holds_alternative<State>(node.op)) return keep(to, from, id, in);
    return {to.add(Constant{node.outputs[0], 0}, {}, node.name)};
  };
  EXPECT_THROW(rewrite(parse_graph(kStep), frozen), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
