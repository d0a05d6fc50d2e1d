// Softmax and its cross-entropy with integer labels.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y[n,k] = exp(z[n,k]) / sum_j exp(z[n,j]), shifted by the row's maximum.
struct Softmax : NoFields<Softmax> {
  static constexpr std::string_view name = "softmax";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Softmax&, const Softmax&) = default;
};

// (z: [N,K], labels: i32[N]) -> losses[N] = log sum_j exp(z[n,j]) - z[n,label], correct i32[N] = 1
// where the first largest logit is the label's, and dz[N,K] = softmax(z) - onehot, the gradient of
// each loss, which falls out on the way. A label outside 0..K-1 gives a NaN loss.
struct SoftmaxCrossEntropy : NoFields<SoftmaxCrossEntropy> {
  static constexpr std::string_view name = "softmax_cross_entropy";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const SoftmaxCrossEntropy&, const SoftmaxCrossEntropy&) = default;
};

}  // namespace evenkeel
