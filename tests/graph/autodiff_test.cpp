// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/autodiff.h"

#include <gtest/gtest.h>

#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/graph_checks.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

using test::differentiate;

TEST(Autodiff, adds_up_what_comes_from_several_readers) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[4]} : f32[4]
%a = relu %x : f32[4]
%b = scale %x {factor 3} : f32[4]
%c = scale %x {factor 5} : f32[4]
%ab = add %a, %b : f32[4]
%abc = add %ab, %c : f32[4]
%loss = mean %abc : f32[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %abc : f32[4]
%c/grad = scale %loss/grad {factor 5, dtype f32} : f32[4]
%b/grad = scale %loss/grad {factor 3, dtype f32} : f32[4]
%x/grad_sum = add %c/grad, %b/grad : f32[4]
%a/grad = relu_grad %loss/grad, %a : f32[4]
%x/grad_sum_2 = add %x/grad_sum, %a/grad : f32[4]
-> %x/grad_sum_2
)");
}

TEST(Autodiff, gives_zeros_where_the_loss_does_not_depend) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[4]} : f32[4]
%w = input {type f32[N,2]} : f32[N,2]
%loss = mean %x : f32[]
%later = relu %x : f32[4]
)",
                          {"w", "later", "w"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%w/grad_zero = constant {type f32[N,2], value 0} : f32[N,2]
%later/grad_zero = constant {type f32[4], value 0} : f32[4]
-> %w/grad_zero %later/grad_zero %w/grad_zero
)");
}

TEST(Autodiff, of_the_loss_by_itself_is_one) {
  EXPECT_EQ(differentiate(R"(graph g
%loss = input {type f64[]} : f64[]
)",
                          {"loss"}),
            R"(%loss/grad_seed = constant {type f64[], value 1} : f64[]
-> %loss/grad_seed
)");
}

TEST(Autodiff, of_a_value_in_the_middle_stops_there) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[4]} : f32[4]
%a = relu %x : f32[4]
%b = relu %a : f32[4]
%loss = mean %b : f32[]
)",
                          {"a"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %b : f32[4]
%b/grad = relu_grad %loss/grad, %b : f32[4]
-> %b/grad
)");
}

TEST(Autodiff, ends_at_pixels) {
  EXPECT_EQ(differentiate(R"(graph g
%pixels = input {type u8[4]} : u8[4]
@w = state {type f32[4]} : f32[4]
%x = scale %pixels : f32[4]
%y = add %x, @w : f32[4]
%loss = mean %y : f32[]
)",
                          {"w"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[4]
-> %loss/grad
)");
}

TEST(Autodiff, names_the_node_without_a_gradient) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[4]} : f32[4]
%rate = input {type f64[]} : f64[]
%y, %y.1 = sgd %x, %x, %rate {momentum 0, nesterov false} : f32[4], i32[1]
%loss = mean %y : f32[]
)",
                          {"x"}),
            "[y] sgd: has no gradient");
}

TEST(Autodiff, passes_by_nodes_without_a_gradient_that_nothing_wanted_flows_through) {
  const std::string text = differentiate(R"(graph g
%x = input {type f32[N,4]} : f32[N,4]
@w = state {type f32[4]} : f32[4]
%probabilities = softmax %x : f32[N,4]
%y = bias_add %probabilities, @w : f32[N,4]
%loss = mean %y : f32[]
)",
                                         {"w"});
  EXPECT_NE(text.find("-> %y/grad_bias"), std::string::npos) << text;
}

TEST(Autodiff, wants_a_scalar_float_loss_and_float_values) {
  EXPECT_EQ(differentiate("graph g\n%loss = input {type f32[4]} : f32[4]\n", {"loss"}),
            "[loss] expected a loss of type f32[] or f64[], got f32[4]");
  EXPECT_EQ(differentiate("graph g\n%loss = input {type i32[]} : i32[]\n", {"loss"}),
            "[loss] expected a loss of type f32[] or f64[], got i32[]");
  EXPECT_EQ(differentiate("graph g\n%loss = input {type f32[]} : f32[]\n"
                          "%n = input {type i32[]} : i32[]\n",
                          {"n"}),
            "[n] expected a value of dtype f32 or f64 to differentiate by, got i32[]");
}

TEST(Autodiff, gives_each_parameter_of_random_networks_a_gradient_of_its_type) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Graph graph = test::random_step(seed);
    std::vector<Value> floats;
    for (NodeId id = 0; id < graph.find("loss"); ++id)
      if (graph.type({id, 0}).dtype == DType::f32) floats.push_back({id, 0});
    const std::vector<Value> slopes = gradients(graph, {graph.find("loss"), 0}, floats);
    ASSERT_EQ(slopes.size(), floats.size());
    for (std::size_t index = 0; index < floats.size(); ++index)
      EXPECT_EQ(graph.type(slopes[index]), graph.type(floats[index]));
    verify(graph, Level::training);
  }
}

}  // namespace
}  // namespace evenkeel
