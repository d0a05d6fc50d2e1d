// SPDX-License-Identifier: Apache-2.0
// Losses beside softmax cross-entropy, and top-k accuracy. Each takes integer labels i32[N] or
// targets [N,K] of the prediction's dtype.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// (z: [N,K], labels or targets) -> losses[N] = mean_k of max(z,0) - z t + log(1 + exp(-|z|)), which
// is -t log s(z) - (1 - t) log(1 - s(z)) without overflow; correct i32[N]; dz[N,K], the gradient of
// each loss. An integer label is the one-hot t of its class; with K = 1 it is t itself, 0 or 1.
// correct = 1 where the largest z (K = 1: z > 0) is the largest target's. A label outside gives
// NaN.
struct SigmoidCrossEntropy : NoFields<SigmoidCrossEntropy> {
  static constexpr std::string_view name = "sigmoid_cross_entropy";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const SigmoidCrossEntropy&, const SigmoidCrossEntropy&) = default;
};

// (y: [N,K], labels or targets t) -> losses[N] = mean_k (y - t)^2, correct i32[N] (with K = 1 and
// labels: y nearer to the label than to the other of 0 and 1), dy[N,K]. Labels as above.
struct MeanSquaredError : NoFields<MeanSquaredError> {
  static constexpr std::string_view name = "mean_squared_error";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const MeanSquaredError&, const MeanSquaredError&) = default;
};

// (z: [N,K], labels or targets) -> i32[N] = 1 where fewer than k of the row are larger than the
// label's (the first largest target's); of equals the first counts as larger. NaN is never among
// them.
struct InTopK {
  static constexpr std::string_view name = "in_top_k";
  std::int64_t k = 5;
  static constexpr auto fields = std::tuple{field("k", &InTopK::k)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const InTopK&, const InTopK&) = default;
};

}  // namespace evenkeel
