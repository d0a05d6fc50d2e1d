// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm.h"

#include <cmath>

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

void require_epsilon(const ShapeScope& in, double epsilon) {
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    in.fail("epsilon above 0, not " + std::to_string(epsilon));
}

void require_keep(const ShapeScope& in, double keep, bool count_weighted) {
  if (count_weighted && keep == 1) return;  // n / (n + 1) in all updates
  if (!(keep > 0 && keep < 1))
    in.fail("keep between 0 and 1, both excluded, not " + std::to_string(keep));
}

// The channels C of input 0, which must be x: [..,C].
Shape channels(const ShapeScope& in) {
  in.require_float(0);
  in.require(in[0].shape.rank() >= 2, "x of shape [..,C], rank 2 or more");
  return {in[0].shape.back()};
}

// Of what is summed over x: [C], or [N,C] of each sample.
Shape sums(const ShapeScope& in, bool each_sample) {
  const Shape C = channels(in);
  if (!each_sample) return C;
  in.require(in[0].shape.rank() >= 3, "x of shape [N,..,C], rank 3 or more, for each_sample");
  return {in[0].shape[0], C[0]};
}

// Inputs [first, first + count) of x's dtype with one value per channel.
void require_channels(const ShapeScope& in, std::size_t first, std::size_t count, const Shape& C) {
  for (std::size_t index = first; index < first + count; ++index)
    in.require_type(index, in[0].dtype, C);
}

// Inputs first, first + 1, first + 2: count f64, mean, M2 f64.
void require_moments(const ShapeScope& in, std::size_t first, DType dtype, const Shape& C) {
  in.require_type(first, DType::f64, C);
  in.require_type(first + 1, dtype, C);
  in.require_type(first + 2, DType::f64, C);
}

// count, mean, M2 as outputs.
Types moments_of(DType dtype, const Shape& shape) {
  return {{DType::f64, shape}, {dtype, shape}, {DType::f64, shape}};
}

}  // namespace

// x: [..,C]  gamma, beta, moving_mean, moving_variance: [C]  updates_seen: []
Types BatchNorm::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  require_channels(in, 1, 4, channels(in));
  in.require_type(5, DType::i64, {});
  require_epsilon(in, epsilon);
  require_keep(in, keep, count_weighted);
  return {{in[0].dtype, in[0].shape}};
}

// x: [..,C]
Types ChannelMoments::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  return moments_of(in[0].dtype, sums(in, each_sample));
}

// count, mean, M2: [N,C]
Types MergeSampleMoments::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  in.require_float(1, 2);
  require_moments(in, 0, in[1].dtype, in[1].shape);
  return moments_of(in[1].dtype, {in[1].shape.back()});
}

// count, mean, M2: [C], twice
Types MergeMoments::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  in.require_float(1, 1);
  in.require(!in[1].shape.dynamic(), "moments of shape [C]");
  for (const std::size_t first : {0, 3}) require_moments(in, first, in[1].dtype, in[1].shape);
  return moments_of(in[1].dtype, in[1].shape);
}

// x: [..,C]  count, mean, M2, gamma, beta: [C]
Types BatchNormApply::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  const Shape C = channels(in);
  require_moments(in, 1, in[0].dtype, C);
  require_channels(in, 4, 2, C);
  require_epsilon(in, epsilon);
  return {{in[0].dtype, in[0].shape}};
}

void BatchNormApply::gradient(GradientScope& scope) const {
  const Value x = scope.input(0);
  const Value count = scope.input(1);
  const Value mean = scope.input(2);
  const Value M2 = scope.input(3);
  const Value gamma = scope.input(4);
  const Value dy = *scope.gradient_of_output();
  const Value dbeta = scope.add(BatchNormGradSums{epsilon}, {dy, x, count, mean, M2}, "grad_sums");
  const Value dgamma = {dbeta.node, 1};
  if (scope.wanted(0))
    scope.set_input_gradient(
        0, scope.add(BatchNormGradApply{epsilon}, {dy, x, count, mean, M2, gamma, dbeta, dgamma},
                     "grad_x"));
  scope.set_input_gradient(4, dgamma);
  scope.set_input_gradient(5, dbeta);
}

// gamma, beta, mean, variance: [C]
Types BatchNormCoefficients::infer(const ShapeScope& in) const {
  in.require_inputs(4);
  in.require_float(0, 1);
  in.require(!in[0].shape.dynamic(), "gamma of shape [C]");
  require_channels(in, 1, 3, in[0].shape);
  require_epsilon(in, epsilon);
  const ValueType each = {in[0].dtype, in[0].shape};
  return {each, each};
}

// x: [..,C]  scale, shift: [C]
Types ChannelAffine::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  require_channels(in, 1, 2, channels(in));
  return {{in[0].dtype, in[0].shape}};
}

void ChannelAffine::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  if (scope.wanted(0))
    scope.set_input_gradient(0, scope.add(ScaleAxis{-1}, {dy, scope.input(1)}, "grad_x"));
  if (scope.wanted(1)) {
    const Value products = scope.add(Multiply{}, {dy, scope.input(0)}, "products");
    scope.set_input_gradient(1, scope.add(BiasGrad{}, {products}, "grad_scale"));
  }
  if (scope.wanted(2)) scope.set_input_gradient(2, scope.add(BiasGrad{}, {dy}, "grad_shift"));
}

// dy, x: [..,C]  count, mean, M2: [C]
Types BatchNormGradSums::infer(const ShapeScope& in) const {
  in.require_inputs(5);
  const Shape C = channels(in);
  in.require_same(0, 1);
  require_moments(in, 2, in[0].dtype, C);
  require_epsilon(in, epsilon);
  const Shape shape = sums(in, each_sample);
  return {{in[0].dtype, shape}, {in[0].dtype, shape}};
}

// dy, x: [..,C]  count, mean, M2, gamma, dbeta, dgamma: [C]
Types BatchNormGradApply::infer(const ShapeScope& in) const {
  in.require_inputs(8);
  const Shape C = channels(in);
  in.require_same(0, 1);
  require_moments(in, 2, in[0].dtype, C);
  require_channels(in, 5, 3, C);
  require_epsilon(in, epsilon);
  return {{in[0].dtype, in[0].shape}};
}

// moving_mean, moving_variance: [C]  updates_seen: []  count, mean, M2: [C]
Types UpdateMoving::infer(const ShapeScope& in) const {
  in.require_inputs(6);
  in.require_float(0, 1);
  in.require(!in[0].shape.dynamic(), "moving_mean of shape [C]");
  in.require_same(0, 1);
  in.require_type(2, DType::i64, {});
  require_moments(in, 3, in[0].dtype, in[0].shape);
  require_keep(in, keep, count_weighted);
  const ValueType each = {in[0].dtype, in[0].shape};
  return {each, each};
}

}  // namespace evenkeel
