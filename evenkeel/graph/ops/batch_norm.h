// SPDX-License-Identifier: Apache-2.0
// Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167): the layer as a person writes it,
// and the small ops that it lowers to. x: [.., C]; statistics are per channel C over all other
// axes.
#pragma once

#include <array>

#include "evenkeel/graph/ops/batch_rule.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// The layer, without a mode: to_training and to_inference replace it; a plan never holds it.
// moving <- k moving + (1 - k) batch; count_weighted: k = min(keep, n / (n + 1)) in the n-th update
// (from 0), so that the initial 0 and 1 never leak in, and keep may be 1: the mean over all
// updates; otherwise k = keep, as TensorFlow does. frozen: training too normalises with the moving
// statistics, and leaves them as they are.
// divide_by_variance is for comparison with what many texts print: (x - mean) / (variance +
// epsilon).
struct BatchNorm {
  // Inputs (x, gamma[C], beta[C], moving_mean[C], moving_variance[C], updates_seen i64[]); for a
  // whole batch also weights[N], which only training reads; for renorm that moves deviation also
  // moving_deviation[C], renorm_mean[C], renorm_deviation[C].
  enum Operand : std::size_t {
    kX,
    kGamma,
    kBeta,
    kMovingMean,
    kMovingVariance,
    kUpdatesSeen,
    kWeights,
    kMovingDeviation = kWeights,
    kRenormMean,
    kRenormDeviation
  };
  static constexpr std::string_view name = "batch_norm";
  double epsilon = 1e-3;
  double keep = 0.9;
  bool count_weighted = true;
  MovingVariance variance = MovingVariance::population;
  bool frozen = false;
  BatchRule batch = WholeRule{};
  bool divide_by_variance = false;
  static constexpr auto fields =
      std::tuple{field("epsilon", &BatchNorm::epsilon),
                 field("keep", &BatchNorm::keep),
                 field("count_weighted", &BatchNorm::count_weighted),
                 field("variance", &BatchNorm::variance),
                 rare_field("frozen", &BatchNorm::frozen),
                 rare_field("batch", &BatchNorm::batch),
                 rare_field("divide_by_variance", &BatchNorm::divide_by_variance)};
  bool cumulative() const { return count_weighted && keep == 1; }
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const BatchNorm&, const BatchNorm&) = default;
};

// The count of updates that moving statistics get where a file does not count them: so many that
// every rule is settled, and nothing is left of where they began.
inline constexpr std::int64_t kSettledUpdates = 1'000'000'000'000'000'000;

// x -> count, mean, M2 = sum (x - mean)^2, f64[C] each: of f32 values up to 1e18 M2 is beyond f32,
// and means that were rounded to f32 give no M2 where |mean| >> deviation once they are merged.
// Two-pass by blocks, merged with Chan's formula. each_sample: of every sample by itself, x
// [N,..,C] -> [N,C] three times. The gradient goes through mean and M2.
struct ChannelMoments {
  static constexpr std::string_view name = "channel_moments";
  bool each_sample = false;
  static constexpr auto fields =
      std::tuple{rare_field("each_sample", &ChannelMoments::each_sample)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const ChannelMoments&, const ChannelMoments&) = default;
};

// (count, mean, M2) of two disjoint sets -> of their union (Chan, Golub & LeVeque 1979):
// n = na + nb, d = mb - ma, mean = ma + d nb / n, M2 = M2a + M2b + d^2 na nb / n.
struct MergeMoments : NoFields<MergeMoments> {
  static constexpr std::string_view name = "merge_moments";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const MergeMoments&, const MergeMoments&) = default;
};

// (count, mean, M2) of each sample, [N,C] -> of their union, [C]; in the samples' order.
struct MergeSampleMoments : NoFields<MergeSampleMoments> {
  static constexpr std::string_view name = "merge_sample_moments";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const MergeSampleMoments&, const MergeSampleMoments&) = default;
};

// y = gamma (x - mean) / sqrt(M2 / count + epsilon) + beta, with (count, mean, M2) the moments of
// this very x: the gradient flows through them. Inputs (x, count, mean, M2, gamma, beta), and
// weights[N] where the moments are weighted by them. Moments [C], or [N,C] of groups of `group`
// samples. Groups and weights are for the gradient alone, which has to know what the moments are
// of.
struct BatchNormApply {
  static constexpr std::string_view name = "batch_norm_apply";
  double epsilon = 1e-3;
  std::int64_t group = 0;
  Grouping grouping = Grouping::consecutive;
  static constexpr auto fields = std::tuple{field("epsilon", &BatchNormApply::epsilon),
                                            rare_field("group", &BatchNormApply::group),
                                            rare_field("grouping", &BatchNormApply::grouping)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const BatchNormApply&, const BatchNormApply&) = default;
};

// y = (x - centre) scale + shift, [C] each: batch norm in inference, with the mean as centre and
// gamma / sqrt(variance + epsilon) as scale. Not x scale + (shift - centre scale), which cancels
// where |mean| >> deviation. Inputs (x, centre, scale, shift).
struct ChannelAffine : NoFields<ChannelAffine> {
  static constexpr std::string_view name = "channel_affine";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const ChannelAffine&, const ChannelAffine&) = default;
};

// Inputs (dy, x, count, mean, M2) -> dbeta[C] = sum dy, dgamma[C] = sum dy xhat. each_sample: the
// sums of every sample by itself, [N,C] twice; then the moments may be [N,C] too. rectified: the
// gradient behind a ReLU, inputs (dy, x, count, mean, M2, gamma, beta), with relu_grad(dy, y) in
// the place of dy for y = batch_norm_apply(x, count, mean, M2, gamma, beta).
struct BatchNormGradSums {
  static constexpr std::string_view name = "batch_norm_grad_sums";
  double epsilon = 1e-3;
  bool each_sample = false;
  bool rectified = false;
  static constexpr auto fields =
      std::tuple{field("epsilon", &BatchNormGradSums::epsilon),
                 rare_field("each_sample", &BatchNormGradSums::each_sample),
                 rare_field("rectified", &BatchNormGradSums::rectified)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const BatchNormGradSums&, const BatchNormGradSums&) = default;
};

// dx = gamma / sqrt(M2 / count + epsilon) (dy - (dbeta + xhat dgamma) / count).
// Inputs (dy, x, count, mean, M2, gamma, dbeta, dgamma); moments, and sums, [C] or [N,C].
// rectified: the gradient behind a ReLU, as of the sums, with beta as one more input.
struct BatchNormGradApply {
  static constexpr std::string_view name = "batch_norm_grad_apply";
  double epsilon = 1e-3;
  bool rectified = false;
  static constexpr auto fields =
      std::tuple{field("epsilon", &BatchNormGradApply::epsilon),
                 rare_field("rectified", &BatchNormGradApply::rectified)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const BatchNormGradApply&, const BatchNormGradApply&) = default;
};

// Inputs (moving_mean, moving_variance, updates_seen, count, mean, M2) -> the new moving mean and
// variance by BatchNorm's rule. group > 0: moments [N,C] of groups of that many samples, which are
// taken in one after another; with G groups a step's k-th is update updates_seen G + k.
struct UpdateMoving {
  static constexpr std::string_view name = "update_moving";
  double keep = 0.9;
  bool count_weighted = true;
  MovingVariance variance = MovingVariance::population;
  std::int64_t group = 0;
  Grouping grouping = Grouping::consecutive;
  static constexpr auto fields = std::tuple{
      field("keep", &UpdateMoving::keep), field("count_weighted", &UpdateMoving::count_weighted),
      field("variance", &UpdateMoving::variance), rare_field("group", &UpdateMoving::group),
      rare_field("grouping", &UpdateMoving::grouping)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const UpdateMoving&, const UpdateMoving&) = default;
};

}  // namespace evenkeel
