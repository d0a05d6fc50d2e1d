// SPDX-License-Identifier: Apache-2.0
// Softmax and its cross-entropy. Rows are short (K classes), so plain loops in double.
#include <cmath>
#include <limits>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/rowwise.h"

namespace evenkeel::native {
namespace {

// e[k] = exp(z[k] - shift), their sum returned; e may be z.
double exponentials(const float* z, float shift, std::int64_t K, float* e) {
  double sum = 0;
  for (std::int64_t k = 0; k < K; ++k) {
    const double value = std::exp(static_cast<double>(z[k]) - shift);
    sum += value;
    e[k] = static_cast<float>(value);
  }
  return sum;
}

void divide(float* e, double sum, std::int64_t K) {
  const double inverse = 1 / sum;
  for (std::int64_t k = 0; k < K; ++k) e[k] = static_cast<float>(e[k] * inverse);
}

// z, y: [N,K].
struct SoftmaxKernel : RowwiseKernel {
  using Op = Softmax;
  static constexpr std::string_view name = "native/softmax";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return all_f32(call); }
  using RowwiseKernel::RowwiseKernel;
  void run(const Args& args, Range) const {
    for (std::int64_t n = 0; n < N; ++n) {
      const float* z = in<float>(args, 0) + n * K;
      float* y = out<float>(args, 0) + n * K;
      divide(y, exponentials(z, z[first_largest(z, K)], K, y), K);
    }
  }
};

// dy, y, dz: [N,..,K].
struct SoftmaxGradKernel : RowwiseKernel {
  using Op = SoftmaxGrad;
  static constexpr std::string_view name = "native/softmax_grad";
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  static bool accepts(const Call& call) { return all_f32(call); }
  using RowwiseKernel::RowwiseKernel;
  void run(const Args& args, Range) const {
    for (std::int64_t at = 0; at < N * K; at += K) {
      const float* dy = in<float>(args, 0) + at;
      const float* y = in<float>(args, 1) + at;
      float* dz = out<float>(args, 0) + at;
      double sum = 0;
      for (std::int64_t k = 0; k < K; ++k) sum += static_cast<double>(dy[k]) * y[k];
      for (std::int64_t k = 0; k < K; ++k) dz[k] = static_cast<float>(y[k] * (dy[k] - sum));
    }
  }
};

// z: [N,K], labels: [N] or targets: [N,K] -> losses: [N], correct: [N], dz: [N,K].
struct SoftmaxCrossEntropyKernel : LossKernel {
  using Op = SoftmaxCrossEntropy;
  static constexpr std::string_view name = "native/softmax_cross_entropy";
  using LossKernel::LossKernel;
  void run(const Args& args, Range) const {
    for (std::int64_t n = 0; n < N; ++n)
      given == DType::i32 ? of_label(args, n) : of_targets(args, n);
  }

 private:
  void of_label(const Args& args, std::int64_t n) const {
    const float* z = in<float>(args, 0) + n * K;
    float* dz = out<float>(args, 2) + n * K;
    const std::int32_t label = in<std::int32_t>(args, 1)[n];
    const bool known = label >= 0 && label < K;
    const std::int64_t best = first_largest(z, K);
    const float largest = z[best];
    // Read before dz may overwrite it.
    const double logit = known ? z[label] : 0;
    double sum = exponentials(z, largest, K, dz);
    // Makes the loss and the whole row of dz NaN.
    if (!known) sum = std::numeric_limits<double>::quiet_NaN();
    divide(dz, sum, K);
    if (known) dz[label] -= 1;
    out<float>(args, 0)[n] = static_cast<float>(std::log(sum) - (logit - largest));
    out<std::int32_t>(args, 1)[n] = best == label ? 1 : 0;
  }

  // sum_k t (log sum - (z - largest)) as weight log sum - sum_k t (z - largest), in one pass.
  void of_targets(const Args& args, std::int64_t n) const {
    const float* z = in<float>(args, 0) + n * K;
    const float* t = in<float>(args, 1) + n * K;
    float* dz = out<float>(args, 2) + n * K;
    const std::int64_t best = first_largest(z, K);
    const double largest = z[best];
    double weight = 0;
    double product = 0;
    bool weighs = false;
    for (std::int64_t k = 0; k < K; ++k) {
      weight += t[k];
      // What has no weight adds nothing, not even where its logit is -infinity.
      if (t[k] == 0) continue;
      weighs = true;
      product += t[k] * (z[k] - largest);
    }
    const double sum = exponentials(z, static_cast<float>(largest), K, dz);
    const double scale = weight / sum;
    for (std::int64_t k = 0; k < K; ++k) dz[k] = static_cast<float>(dz[k] * scale - t[k]);
    const double loss = weighs ? weight * std::log(sum) - product : 0;
    out<float>(args, 0)[n] = static_cast<float>(loss);
    out<std::int32_t>(args, 1)[n] = best == first_largest(t, K) ? 1 : 0;
  }
};

}  // namespace

KernelEntry softmax() { return entry_of<SoftmaxKernel>(); }
KernelEntry softmax_grad() { return entry_of<SoftmaxGradKernel>(); }
KernelEntry softmax_cross_entropy() { return entry_of<SoftmaxCrossEntropyKernel>(); }

}  // namespace evenkeel::native
