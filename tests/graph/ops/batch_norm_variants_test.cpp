// SPDX-License-Identifier: Apache-2.0
// Ghost batch norm, batch renormalisation and weights of samples: shapes, refusals, gradients as
// text, and the layer's text.
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/hash.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

constexpr const char* kLayer = "f32[N,3], f32[3], f32[3], f32[3], f32[3], i64[]";

BatchNorm with(BatchRule rule) {
  BatchNorm op;
  op.batch = std::move(rule);
  return op;
}

std::string expected_of(const Op& op, const std::string& types) {
  const std::string text = infer(op, types);
  const std::size_t begin = text.find("expected ");
  const std::size_t end = text.find(", got ");
  return begin == std::string::npos ? text : text.substr(begin + 9, end - begin - 9);
}

TEST(BatchNormVariantShape, OfMomentsOfGroups) {
  const std::string moments = "f64[N,3], f64[N,3], f64[N,3]";
  EXPECT_EQ(infer(ChannelMoments{true}, "f32[N,3]"), moments);
  EXPECT_EQ(infer(GroupMoments{4}, moments), moments);
  EXPECT_EQ(infer(MeanMoments{}, moments), "f64[3], f64[3], f64[3]");
  EXPECT_EQ(infer(GroupSums{4}, "f32[N,3]"), "f32[N,3]");
  EXPECT_EQ(infer(BatchNormApply{1e-3, 4}, "f32[N,5,3], " + moments + ", f32[3], f32[3]"),
            "f32[N,5,3]");
  EXPECT_EQ(infer(BatchNormGradSums{1e-3, true}, "f32[N,3], f32[N,3], " + moments),
            "f32[N,3], f32[N,3]");
  EXPECT_EQ(infer(BatchNormGradApply{},
                  "f32[N,3], f32[N,3], " + moments + ", f32[3], f32[N,3], f32[N,3]"),
            "f32[N,3]");
  UpdateMoving in_turn;
  in_turn.group = 4;
  EXPECT_EQ(infer(in_turn, "f32[3], f32[3], i64[], " + moments), "f32[3], f32[3]");
}

TEST(BatchNormVariantShape, RefusesMomentsThatDoNotFit) {
  const std::string each = "f64[N,3], f64[N,3], f64[N,3]";
  const std::string all = "f64[3], f64[3], f64[3]";
  EXPECT_EQ(expected_of(GroupMoments{}, all), "input 1 of rank 2");
  EXPECT_EQ(expected_of(GroupMoments{0}, each), "groups of at least 1 sample, not 0");
  EXPECT_EQ(expected_of(GroupMoments{4}, "f64[6,3], f64[6,3], f64[6,3]"),
            "samples in whole groups of 4");
  EXPECT_EQ(expected_of(GroupSums{4}, "f32[6,3]"), "samples in whole groups of 4");
  EXPECT_EQ(expected_of(BatchNormApply{}, "f32[N,3], " + each + ", f32[3], f32[3]"),
            "moments [N,C] with groups, [C] without");
  EXPECT_EQ(expected_of(BatchNormApply{1e-3, 4}, "f32[N,3], " + all + ", f32[3], f32[3]"),
            "moments [N,C] with groups, [C] without");
  EXPECT_EQ(expected_of(BatchNormApply{1e-3, 4}, "f32[N,3], " + each + ", f32[3], f32[3], f32[N]"),
            "no weights with groups");
  EXPECT_EQ(expected_of(BatchNormGradSums{}, "f32[N,3], f32[N,3], " + each),
            "moments [C] unless each_sample");
  UpdateMoving in_turn;
  in_turn.group = 4;
  EXPECT_EQ(expected_of(in_turn, "f32[3], f32[3], i64[], " + all), "moments [N,C] with groups");
}

TEST(BatchNormVariantShape, OfWeights) {
  EXPECT_EQ(infer(WeightMoments{}, "f64[N,3], f64[N,3], f32[N]"), "f64[N,3], f64[N,3]");
  EXPECT_EQ(infer(Outer{}, "f32[N], f32[3]"), "f32[N,3]");
  EXPECT_EQ(infer(BatchNorm{}, std::string(kLayer) + ", f32[N]"), "f32[N,3]");
  EXPECT_EQ(infer(BatchNormApply{}, "f32[N,3], f64[3], f64[3], f64[3], f32[3], f32[3], f32[N]"),
            "f32[N,3]");
  EXPECT_EQ(expected_of(WeightMoments{}, "f64[N,3], f64[N,3], f32[3]"), "input 2 of type f32[N]");
  EXPECT_EQ(expected_of(BatchNorm{}, std::string(kLayer) + ", f32[3]"), "input 6 of type f32[N]");
}

TEST(BatchNormVariantShape, RefusesWeightsWhereTheyHaveNoMeaning) {
  const std::string types = std::string(kLayer) + ", f32[N]";
  EXPECT_EQ(expected_of(with(GhostRule{}), types),
            "weights with a whole batch alone, not with ghost or renorm: 6 inputs");
  EXPECT_EQ(expected_of(with(RenormRule{}), types),
            "weights with a whole batch alone, not with ghost or renorm: 6 inputs");
  BatchNorm sample;
  sample.variance = MovingVariance::sample;
  EXPECT_EQ(expected_of(sample, types),
            "variance population with weights: what they weigh has no sample variance");
  BatchNorm by_variance;
  by_variance.divide_by_variance = true;
  EXPECT_EQ(expected_of(by_variance, types), "no weights with divide_by_variance: 6 inputs");
}

TEST(BatchNormVariantShape, OfRenorm) {
  RenormRule deviation;
  deviation.moves = RenormMoves::deviation;
  EXPECT_EQ(infer(with(deviation), std::string(kLayer) + ", f32[3], f32[3], f32[3]"), "f32[N,3]");
  EXPECT_EQ(expected_of(with(deviation), kLayer), "9 inputs");
  EXPECT_EQ(infer(with(RenormRule{}), kLayer), "f32[N,3]");
}

TEST(BatchNormVariantShape, RefusesSettingsThatMakeNoSense) {
  EXPECT_EQ(expected_of(with(GhostRule{0}), kLayer), "groups of at least 1 sample, not 0");
  const auto limits = [&](Ramp rmax, std::vector<double> rmin, Ramp dmax) {
    return expected_of(with(RenormRule{rmax, std::move(rmin), dmax}), kLayer);
  };
  const Ramp one = {1, 1, 0, 0};
  EXPECT_EQ(limits({0.5, 0.5, 0, 0}, {}, one), "rmax of at least 1, not 0.500000");
  EXPECT_EQ(limits(one, {}, {1, -1, 0, 5}), "dmax of at least 0, not 1.000000 to -1.000000");
  EXPECT_EQ(limits(one, {1.5, 1.5, 0, 0}, one), "rmin from 0 to 1, not 1.500000");
  EXPECT_EQ(limits(one, {1}, one), "rmin as a ramp of four numbers, or none");
  EXPECT_EQ(limits({1, 3, 7, 7}, {}, one),
            "rmax that changes from `begin` updates to later `end` updates, not from 7.000000 to "
            "7.000000");
  EXPECT_EQ(limits({1, HUGE_VAL, 0, 5}, {}, one),
            "rmax of finite ends where it changes, not 1.000000 to inf");
  EXPECT_EQ(limits({NAN, NAN, 0, 0}, {}, one), "rmax of at least 1, not nan to nan");
  EXPECT_EQ(limits({HUGE_VAL, HUGE_VAL, 0, 0}, {}, {HUGE_VAL, HUGE_VAL, 0, 0}), "f32[N,3]");
  RenormRule decayed;
  decayed.keep = 0.9;
  EXPECT_NE(expected_of(with(decayed), kLayer).find("renorm that moves deviation alone"),
            std::string::npos);
  BatchNorm by_variance = with(GhostRule{});
  by_variance.divide_by_variance = true;
  EXPECT_EQ(expected_of(by_variance, kLayer), "divide_by_variance with a whole batch alone");
}

TEST(BatchNormVariantShape, OfTheVariance) {
  EXPECT_EQ(infer(ChannelVariance{}, "f64[3], f64[3], f64[3]"), "f32[3]");
  EXPECT_EQ(infer(ChannelVariance{DType::f64}, "f64[3], f64[3], f64[3]"), "f64[3]");
  EXPECT_EQ(infer(ChannelVarianceGrad{}, "f32[3], f64[3]"), "f64[3]");
  EXPECT_EQ(infer(InverseDeviation{}, "f32[3]"), "f32[3]");
  EXPECT_EQ(infer(ChannelMomentsGrad{}, "f32[N,4,3], f64[3], f64[3], f64[3], f64[3]"),
            "f32[N,4,3]");
  EXPECT_EQ(expected_of(InverseDeviation{0}, "f32[3]"), "epsilon above 0, not 0.000000");
  EXPECT_EQ(expected_of(ChannelMomentsGrad{}, "f32[N,3], f64[3], f64[3], f64[3], f32[3]"),
            "input 4 of type f64[3]");
}

TEST(BatchNormVariantText, OfPlainBatchNormIsWhatItWas) {
  Graph graph("g");
  ops::batch_norm(graph, graph.add(Input{{DType::f32, {kBatch, 3}}}, {}, "x"), {}, "bn");
  EXPECT_NE(to_text(graph).find("%bn = batch_norm %x, @bn/gamma, @bn/beta, @bn/moving_mean, "
                                "@bn/moving_variance, @state/bn/updates_seen {epsilon 0.001, keep "
                                "0.9, count_weighted true, variance population} : f32[N,3]"),
            std::string::npos)
      << to_text(graph);
}

TEST(BatchNormVariantText, ReadsBackEqualAndHashesApart) {
  std::vector<BatchNorm> layers = {with(GhostRule{8}),
                                   with(GhostRule{8, Grouping::interleaved, GhostStatistics::mean}),
                                   with(RenormRule{}),
                                   with(RenormRule{{1, 3, 20, 80}, {0.5, 0.5, 0, 0}, {0, 5, 0, 9}}),
                                   with(RenormRule{{HUGE_VAL, HUGE_VAL, 0, 0}}),
                                   with(WholeRule{})};
  layers.emplace_back().divide_by_variance = true;
  RenormRule deviation;
  deviation.moves = RenormMoves::deviation;
  deviation.keep = 0.9;
  layers.push_back(with(deviation));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Graph graph("g");
    ops::batch_norm(graph, graph.add(Input{{DType::f32, {kBatch, 3}}}, {}, "x"), layers[i], "bn");
    EXPECT_EQ(parse_graph(to_text(graph)), graph) << to_text(graph);
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(Op(layers[i]) == Op(layers[j]));
      EXPECT_NE(hash_of(layers[i]), hash_of(layers[j]));
    }
  }
  Graph graph("g");
  const Value x = graph.add(Input{{DType::f32, {kBatch, 3}}}, {}, "x");
  ops::batch_norm(graph, x, layers[1], "bn");
  EXPECT_NE(to_text(graph).find(
                "batch ghost {size 8, grouping interleaved, statistics mean}} : f32[N,3]"),
            std::string::npos)
      << to_text(graph);
}

constexpr std::string_view kGhost = R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
@gamma = state {type f32[3]} : f32[3]
@beta = state {type f32[3]} : f32[3]
%e, %e.1, %e.2 = channel_moments %x {each_sample true} : f64[N,3], f64[N,3], f64[N,3]
%m, %m.1, %m.2 = group_moments %e, %e.1, %e.2 {size 4, grouping interleaved} : f64[N,3], f64[N,3], f64[N,3]
%y = batch_norm_apply %x, %m, %m.1, %m.2, @gamma, @beta {epsilon 0.01, group 4, grouping interleaved} : f32[N,3]
%loss = mean %y : f32[]
)";

TEST(GhostBatchNormGradient, SumsOverEachGroup) {
  EXPECT_EQ(differentiate(kGhost, {"x", "gamma", "beta"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad_sums, %y/grad_sums.1 = batch_norm_grad_sums %loss/grad, %x, %m, %m.1, %m.2 {epsilon 0.01, each_sample true} : f32[N,3], f32[N,3]
%y/group_dbeta = group_sums %y/grad_sums {size 4, grouping interleaved} : f32[N,3]
%y/group_dgamma = group_sums %y/grad_sums.1 {size 4, grouping interleaved} : f32[N,3]
%y/grad_x = batch_norm_grad_apply %loss/grad, %x, %m, %m.1, %m.2, @gamma, %y/group_dbeta, %y/group_dgamma {epsilon 0.01} : f32[N,3]
%y/grad_beta = bias_grad %y/grad_sums : f32[3]
%y/grad_gamma = bias_grad %y/grad_sums.1 : f32[3]
-> %y/grad_x %y/grad_gamma %y/grad_beta
)");
}

constexpr std::string_view kWeighted = R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%w = input {type f32[N]} : f32[N]
@gamma = state {type f32[3]} : f32[3]
%m, %m.1, %m.2 = channel_moments %x : f64[3], f64[3], f64[3]
%y = batch_norm_apply %x, %m, %m.1, %m.2, @gamma, @gamma, %w {epsilon 0.01} : f32[N,3]
%loss = mean %y : f32[]
)";

TEST(WeightedBatchNormGradient, GivesEachSampleItsShareOfTheSums) {
  EXPECT_EQ(differentiate(kWeighted, {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad_sums, %y/grad_sums.1 = batch_norm_grad_sums %loss/grad, %x, %m, %m.1, %m.2 {epsilon 0.01} : f32[3], f32[3]
%y/weighted_dbeta = outer %w, %y/grad_sums : f32[N,3]
%y/weighted_dgamma = outer %w, %y/grad_sums.1 : f32[N,3]
%y/grad_x = batch_norm_grad_apply %loss/grad, %x, %m, %m.1, %m.2, @gamma, %y/weighted_dbeta, %y/weighted_dgamma {epsilon 0.01} : f32[N,3]
-> %y/grad_x
)");
}

TEST(WeightedBatchNormGradient, ByTheWeightsIsRefusedAndNotZero) {
  EXPECT_EQ(differentiate(kWeighted, {"w"}),
            "[y] batch_norm_apply: has no gradient by the samples' weights");
}

}  // namespace
}  // namespace evenkeel::test
