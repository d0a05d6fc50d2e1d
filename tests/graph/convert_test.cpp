// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/convert.h"

#include <gtest/gtest.h>

#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/graph_checks.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

constexpr std::string_view kSmall = R"(graph g
%pixels = input {type u8[N,4]} : u8[N,4]
@w = state {type f32[4]} : f32[4]
%one = constant {type f32[N,4], value 1} : f32[N,4]
%x = scale %pixels {factor 0.5} : f32[N,4]
%y = bias_add %x, @w : f32[N,4]
%z = add %y, %one : f32[N,4]
%flat = reshape %z {shape [N,2,2]} : f32[N,2,2]
)";

TEST(WithFloat, changes_leaves_and_scales_and_all_follow) {
  EXPECT_EQ(to_text(with_float(parse_graph(kSmall), DType::f64)), R"(graph g
%pixels = input {type u8[N,4]} : u8[N,4]
@w = state {type f64[4], role parameter, initializer zeros, value 0} : f64[4]
%one = constant {type f64[N,4], value 1} : f64[N,4]
%x = scale %pixels {factor 0.5, dtype f64} : f64[N,4]
%y = bias_add %x, @w : f64[N,4]
%z = add %y, %one : f64[N,4]
%flat = reshape %z {shape [N,2,2]} : f64[N,2,2]
)");
}

TEST(WithFloat, there_and_back_is_the_same_step) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Graph step = test::random_step(seed);
    const Graph doubled = with_float(step, DType::f64);
    verify(doubled, Level::training);
    EXPECT_EQ(with_float(doubled, DType::f32), step) << "seed " << seed;
  }
}

TEST(WithFloat, wants_a_float) {
  EXPECT_EQ(test::message_of([] { with_float(Graph("g"), DType::u8); }),
            "[g] expected dtype f32 or f64, got u8");
}

TEST(BindBatch, leaves_no_dynamic_dimension) {
  const Graph bound = bind_batch(parse_graph(kSmall), 7);
  EXPECT_EQ(to_string(bound.type({bound.find("flat"), 0})), "f32[7,2,2]");
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Graph step = bind_batch(test::random_step(seed), 5);
    verify(step, Level::training);
    for (const Node& node : step.nodes())
      for (const ValueType& type : node.outputs)
        EXPECT_FALSE(type.shape.dynamic()) << "seed " << seed << ", " << node.name;
  }
}

TEST(BindBatch, wants_at_least_one_sample) {
  EXPECT_EQ(test::message_of([] { bind_batch(Graph("g"), 0); }),
            "[g] expected a batch of at least 1, got 0");
}

}  // namespace
}  // namespace evenkeel
