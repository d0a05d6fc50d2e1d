// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/batch_norm_rule.h"

namespace evenkeel {
namespace {

// Weights of samples, and the states of renorm that moves deviation.
void require_inputs_of(const ShapeScope& in, const BatchNorm& layer) {
  const bool whole = std::holds_alternative<WholeRule>(layer.batch);
  if (in.size() == 7 && !whole)
    in.fail("weights with a whole batch alone, not with ghost or renorm: 6 inputs");
  if (in.size() == 7 && whole) {
    in.require_type(6, in[0].dtype, {in[0].shape[0]});
    in.require(layer.variance == MovingVariance::population,
               "variance population with weights: what they weigh has no sample variance");
    in.require(!layer.divide_by_variance, "no weights with divide_by_variance: 6 inputs");
    return;
  }
  const bool deviation = moves_deviation(layer.batch);
  in.require_inputs(deviation ? 9 : 6);
  if (deviation) require_channels(in, 6, 3, channels(in));
}

}  // namespace

// x: [..,C]  gamma, beta, moving_mean, moving_variance: [C]  updates_seen: []
Types BatchNorm::infer(const ShapeScope& in) const {
  in.require(in.size() >= 6, "6 inputs, or 7 with weights, or 9 for renorm that moves deviation");
  require_channels(in, 1, 4, channels(in));
  in.require_type(5, DType::i64, {});
  require_inputs_of(in, *this);
  require_epsilon(in, epsilon);
  require_keep(in, keep, count_weighted);
  require_valid(in, batch);
  in.require(!divide_by_variance || std::holds_alternative<WholeRule>(batch),
             "divide_by_variance with a whole batch alone");
  return {{in[0].dtype, in[0].shape}};
}

// x: [..,C]
Types ChannelMoments::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  return moments_of(sums(in, each_sample));
}

void ChannelMoments::gradient(GradientScope& scope) const {
  const auto gradient_of = [&](std::uint32_t output, std::string_view suffix) {
    if (const auto known = scope.gradient_of_output(output)) return *known;
    return scope.add(Constant{scope.type(scope.output(output)), 0}, {}, suffix);
  };
  const Value by_mean = gradient_of(1, "grad_mean");
  const Value by_m2 = gradient_of(2, "grad_M2");
  scope.set_input_gradient(
      0, scope.add(ChannelMomentsGrad{},
                   {scope.input(0), scope.output(0), scope.output(1), by_mean, by_m2}, "grad"));
}

// count, mean, M2: [N,C]
Types MergeSampleMoments::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  in.require_float(1, 2);
  require_moments(in, 0, in[1].shape);
  return moments_of({in[1].shape.back()});
}

// count, mean, M2: [C], twice
Types MergeMoments::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  in.require_float(1, 1);
  in.require(!in[1].shape.dynamic(), "moments of shape [C]");
  for (const std::size_t first : {0, 3}) require_moments(in, first, in[1].shape);
  return moments_of(in[1].shape);
}

// x: [..,C]  count, mean, M2: [C] or [N,C]  gamma, beta: [C]  weights: [N]
Types BatchNormApply::infer(const ShapeScope& in) const {
  in.require(in.size() == 6 || in.size() == 7, "6 inputs, or 7 with weights");
  const Shape C = channels(in);
  const bool each_sample = require_moments_of_x(in, 1);
  in.require(each_sample == (group > 0), "moments [N,C] with groups, [C] without");
  if (group != 0) require_groups(in, group, in[0].shape[0]);
  require_channels(in, 4, 2, C);
  if (in.size() == 7) {
    in.require(!each_sample, "no weights with groups");
    in.require_type(6, in[0].dtype, {in[0].shape[0]});
  }
  require_epsilon(in, epsilon);
  return {{in[0].dtype, in[0].shape}};
}

void BatchNormApply::gradient(GradientScope& scope) const {
  const bool weighted = scope.input_count() == 7;
  if (weighted && scope.wanted(6)) scope.fail("has no gradient by the samples' weights");
  const Value x = scope.input(0);
  const Value count = scope.input(1);
  const Value mean = scope.input(2);
  const Value M2 = scope.input(3);
  const Value dy = *scope.gradient_of_output();
  const NodeId sums =
      scope.add(BatchNormGradSums{epsilon, group > 0}, {dy, x, count, mean, M2}, "grad_sums").node;
  Value dbeta = {sums, 0};
  Value dgamma = {sums, 1};
  if (scope.wanted(0)) {
    // What each sample's dx takes of them.
    Value own_dbeta = dbeta;
    Value own_dgamma = dgamma;
    if (group > 0) {
      own_dbeta = scope.add(GroupSums{group, grouping}, {dbeta}, "group_dbeta");
      own_dgamma = scope.add(GroupSums{group, grouping}, {dgamma}, "group_dgamma");
    } else if (weighted) {
      own_dbeta = scope.add(Outer{}, {scope.input(6), dbeta}, "weighted_dbeta");
      own_dgamma = scope.add(Outer{}, {scope.input(6), dgamma}, "weighted_dgamma");
    }
    scope.set_input_gradient(
        0, scope.add(BatchNormGradApply{epsilon},
                     {dy, x, count, mean, M2, scope.input(4), own_dbeta, own_dgamma}, "grad_x"));
  }
  if (group > 0) {
    dbeta = scope.add(BiasGrad{}, {dbeta}, "grad_beta");
    dgamma = scope.add(BiasGrad{}, {dgamma}, "grad_gamma");
  }
  scope.set_input_gradient(4, dgamma);
  scope.set_input_gradient(5, dbeta);
}

// x: [..,C]  centre, scale, shift: [C]
Types ChannelAffine::infer(const ShapeScope& in) const {
  in.require_inputs(4);
  require_channels(in, 1, 3, channels(in));
  return {{in[0].dtype, in[0].shape}};
}

// dx = dy scale, dcentre = -sum dx, dscale = sum dy (x - centre), dshift = sum dy.
void ChannelAffine::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  const ValueType type = scope.type(scope.input(1));
  if (scope.wanted(0) || scope.wanted(1)) {
    const Value dx = scope.add(ScaleAxis{-1}, {dy, scope.input(2)}, "grad_x");
    if (scope.wanted(0)) scope.set_input_gradient(0, dx);
    if (scope.wanted(1)) {
      const Value sum = scope.add(BiasGrad{}, {dx}, "grad_sum");
      scope.set_input_gradient(1, scope.add(Scale{-1, type.dtype}, {sum}, "grad_centre"));
    }
  }
  if (scope.wanted(2)) {
    const Value one = scope.add(Constant{type, 1}, {}, "grad_one");
    const Value zero = scope.add(Constant{type, 0}, {}, "grad_zero");
    const Value centred =
        scope.add(ChannelAffine{}, {scope.input(0), scope.input(1), one, zero}, "grad_centred");
    const Value product = scope.add(Multiply{}, {dy, centred}, "grad_product");
    scope.set_input_gradient(2, scope.add(BiasGrad{}, {product}, "grad_scale"));
  }
  if (scope.wanted(3)) scope.set_input_gradient(3, scope.add(BiasGrad{}, {dy}, "grad_shift"));
}

// dy, x: [..,C]  count, mean, M2: [C] or [N,C]; rectified gamma, beta: [C]
Types BatchNormGradSums::infer(const ShapeScope& in) const {
  in.require_inputs(rectified ? 7 : 5);
  if (rectified) require_channels(in, 5, 2, channels(in));
  channels(in);
  in.require_same(0, 1);
  in.require(!require_moments_of_x(in, 2) || each_sample, "moments [C] unless each_sample");
  require_epsilon(in, epsilon);
  const Shape shape = sums(in, each_sample);
  return {{in[0].dtype, shape}, {in[0].dtype, shape}};
}

// dy, x: [..,C]  count, mean, M2: [C] or [N,C]  gamma: [C]  dbeta, dgamma: [C] or [N,C]; rectified
// beta: [C]
Types BatchNormGradApply::infer(const ShapeScope& in) const {
  in.require_inputs(rectified ? 9 : 8);
  in.require_same(0, 1);
  require_channels(in, 5, 1, channels(in));
  require_moments_of_x(in, 2);
  require_channels(in, 6, 2, sums(in, in[6].shape.rank() == 2));
  if (rectified) require_channels(in, 8, 1, channels(in));
  require_epsilon(in, epsilon);
  return {{in[0].dtype, in[0].shape}};
}

// moving_mean, moving_variance: [C]  updates_seen: []  count, mean, M2: [C] or [N,C]
Types UpdateMoving::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  in.require_float(0, 1);
  in.require(!in[0].shape.dynamic(), "moving_mean of shape [C]");
  in.require_same(0, 1);
  in.require_type(2, DType::i64, {});
  if (group != 0) {
    in.require(in[3].shape.rank() == 2, "moments [N,C] with groups");
    require_groups(in, group, in[3].shape[0]);
    require_moments(in, 3, {in[3].shape[0], in[0].shape[0]});
  } else {
    require_moments(in, 3, in[0].shape);
  }
  require_keep(in, keep, count_weighted);
  const ValueType each = {in[0].dtype, in[0].shape};
  return {each, each};
}

}  // namespace evenkeel
