// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops.h"

#include <gtest/gtest.h>

#include "evenkeel/graph/text.h"
#include "tests/support/graph_checks.h"

namespace evenkeel {
namespace {

TEST(Ops, build_a_network) {
  Graph graph("small");
  const Value images = ops::input(graph, "images", DType::u8, {kBatch, 6, 6, 1});
  const Value labels = ops::input(graph, "labels", DType::i32, {kBatch});
  const Value kernel =
      ops::parameter(graph, "conv/kernel", {3, 3, 1, 2}, Initializer::glorot_uniform);
  const Value bias = ops::parameter(graph, "conv/bias", {2}, Initializer::zeros);
  Value x = ops::scale(graph, images, 0.5);
  x = ops::conv2d(graph, x, kernel, {}, "conv");
  x = ops::relu(graph, ops::bias_add(graph, x, bias, "conv/bias_add"), "conv/relu");
  x = ops::max_pool2d(graph, x);
  x = ops::reshape(graph, x, {kBatch, 8});
  x = ops::batch_norm(graph, x, {}, "bn");
  const Value dense = ops::parameter(graph, "dense/kernel", {8, 8}, Initializer::glorot_uniform);
  x = ops::add(graph, x, ops::matmul(graph, x, dense, {}, "dense"));
  const auto [losses, correct] = ops::softmax_cross_entropy(graph, x, labels);
  graph.output("loss", ops::mean(graph, losses, "loss"));
  graph.output("correct", correct);
  EXPECT_EQ(to_text(graph), R"(graph small
%images = input {type u8[N,6,6,1]} : u8[N,6,6,1]
%labels = input {type i32[N]} : i32[N]
@conv/kernel = state {type f32[3,3,1,2], role parameter, initializer glorot_uniform, value 0} : f32[3,3,1,2]
@conv/bias = state {type f32[2], role parameter, initializer zeros, value 0} : f32[2]
%scale = scale %images {factor 0.5, dtype f32} : f32[N,6,6,1]
%conv = conv2d %scale, @conv/kernel {stride [1,1], padding [0,0,0,0]} : f32[N,4,4,2]
%conv/bias_add = bias_add %conv, @conv/bias : f32[N,4,4,2]
%conv/relu = relu %conv/bias_add : f32[N,4,4,2]
%max_pool2d, %max_pool2d.1 = max_pool2d %conv/relu {window [2,2], stride [2,2], padding [0,0,0,0]} : f32[N,2,2,2], u8[N,2,2,2]
%reshape = reshape %max_pool2d {shape [N,8]} : f32[N,8]
@bn/gamma = state {type f32[8], role gamma, initializer ones, value 0} : f32[8]
@bn/beta = state {type f32[8], role beta, initializer zeros, value 0} : f32[8]
@bn/moving_mean = state {type f32[8], role statistic, initializer zeros, value 0} : f32[8]
@bn/moving_variance = state {type f32[8], role statistic, initializer ones, value 0} : f32[8]
@state/bn/updates_seen = state {type i64[], role statistic, initializer zeros, value 0} : i64[]
%bn = batch_norm %reshape, @bn/gamma, @bn/beta, @bn/moving_mean, @bn/moving_variance, @state/bn/updates_seen {epsilon 0.001, keep 0.9, count_weighted true, variance population} : f32[N,8]
@dense/kernel = state {type f32[8,8], role parameter, initializer glorot_uniform, value 0} : f32[8,8]
%dense = matmul %bn, @dense/kernel {transpose_a false, transpose_b false} : f32[N,8]
%add = add %bn, %dense : f32[N,8]
%softmax_cross_entropy, %softmax_cross_entropy.1, %softmax_cross_entropy.2 = softmax_cross_entropy %add, %labels : f32[N], i32[N], f32[N,8]
%loss = mean %softmax_cross_entropy : f32[]
output loss = %loss
output correct = %softmax_cross_entropy.1
)");
}

TEST(Ops, batch_norms_of_one_name_have_states_of_their_own) {
  Graph graph;
  Value x = ops::input(graph, "x", DType::f64, {kBatch, 2});
  x = ops::batch_norm(graph, x);
  x = ops::batch_norm(graph, x);
  EXPECT_EQ(graph.node(x).name, "batch_norm_2");
  EXPECT_TRUE(graph.contains("batch_norm/gamma"));
  EXPECT_TRUE(graph.contains("batch_norm_2/gamma"));
  EXPECT_TRUE(graph.contains("state/batch_norm_2/updates_seen"));
  EXPECT_EQ(to_string(graph.type({graph.find("batch_norm_2/gamma"), 0})), "f64[2]");
}

TEST(Ops, batch_norm_refuses_what_has_no_channels) {
  Graph graph;
  const Value x = ops::input(graph, "x", DType::f32, {kBatch});
  EXPECT_EQ(test::message_of([&] { ops::batch_norm(graph, x, {}, "bn"); }),
            "[bn] batch_norm: expected x of shape [..,C], got f32[N]");
  EXPECT_EQ(graph.nodes().size(), 1U);
}

}  // namespace
}  // namespace evenkeel
