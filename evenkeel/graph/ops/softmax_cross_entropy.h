// SPDX-License-Identifier: Apache-2.0
// Softmax and its cross-entropy.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y[..,k] = exp(z[..,k]) / sum_j exp(z[..,j]), shifted by the row's maximum. z: [N,..,K].
struct Softmax : NoFields<Softmax> {
  static constexpr std::string_view name = "softmax";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Softmax&, const Softmax&) = default;
};

// dz[..,k] = y[..,k] (dy[..,k] - sum_j dy[..,j] y[..,j]). Inputs (dy, y).
struct SoftmaxGrad : NoFields<SoftmaxGrad> {
  static constexpr std::string_view name = "softmax_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SoftmaxGrad&, const SoftmaxGrad&) = default;
};

// (z: [N,K], labels: i32[N]) -> losses[N] = log sum_j exp(z[n,j]) - z[n,label], correct i32[N] = 1
// where the first largest logit is the label's, and dz[N,K] = softmax(z) - onehot, the gradient of
// each loss, which falls out on the way. A label outside 0..K-1 gives a NaN loss.
// With targets t: [N,K] of z's dtype in place of labels (one-hot, or any distribution): losses[N] =
// sum_k t (log sum_j exp(z_j) - z_k), dz = softmax(z) sum_k t - t, correct = 1 where the first
// largest logit is the first largest target's.
struct SoftmaxCrossEntropy : NoFields<SoftmaxCrossEntropy> {
  static constexpr std::string_view name = "softmax_cross_entropy";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const SoftmaxCrossEntropy&, const SoftmaxCrossEntropy&) = default;
};

}  // namespace evenkeel
