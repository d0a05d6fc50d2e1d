// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"
#include "evenkeel/kernels/rows.h"

namespace evenkeel::reference {
namespace {

// z: [K] -> sum_k exp(z[k] - shift)
template <typename T>
double sum_of_exponentials(const T* z, double shift, std::int64_t K) {
  double sum = 0;
  for (std::int64_t k = 0; k < K; ++k) sum += std::exp(static_cast<double>(z[k]) - shift);
  return sum;
}

// z, y: [K], maybe the same
template <typename T>
void softmax_row(const T* z, double shift, double sum, T* y, std::int64_t K) {
  for (std::int64_t k = 0; k < K; ++k)
    y[k] = static_cast<T>(std::exp(static_cast<double>(z[k]) - shift) / sum);
}

struct SoftmaxKernel : FloatKernel {
  using Op = Softmax;
  static constexpr std::string_view name = "reference/softmax";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // z, y: [N,K]
  template <typename T>
  static void run(const Operands<Softmax>& o) {
    const auto [N, K] = o.rows(0);
    for (std::int64_t n = 0; n < N; ++n) {
      const T* z = o.in<T>(0) + n * K;
      const double largest = z[first_largest(z, K)];
      softmax_row(z, largest, sum_of_exponentials(z, largest, K), o.out<T>(0) + n * K, K);
    }
  }
};

struct SoftmaxGradKernel : FloatKernel {
  using Op = SoftmaxGrad;
  static constexpr std::string_view name = "reference/softmax_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  // dy, y, dz: [N,..,K]
  template <typename T>
  static void run(const Operands<SoftmaxGrad>& o) {
    const auto [rows, K] = o.rows(0);
    for (std::int64_t at = 0; at < rows * K; at += K) {
      const T* dy = o.in<T>(0) + at;
      const T* y = o.in<T>(1) + at;
      double sum = 0;
      for (std::int64_t k = 0; k < K; ++k) sum += static_cast<double>(dy[k]) * y[k];
      for (std::int64_t k = 0; k < K; ++k)
        o.out<T>(0)[at + k] = static_cast<T>(y[k] * (dy[k] - sum));
    }
  }
};

struct SoftmaxCrossEntropyKernel : FloatKernel {
  using Op = SoftmaxCrossEntropy;
  static constexpr std::string_view name = "reference/softmax_cross_entropy";
  static constexpr std::array in_place = {InPlace{0, 2}};

  // z: [N,K]  labels: [N] -> losses, correct: [N]  dz: [N,K]
  template <typename T>
  static void with_labels(const Operands<SoftmaxCrossEntropy>& o) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto [N, K] = o.rows(0);
    for (std::int64_t n = 0; n < N; ++n) {
      const T* z = o.in<T>(0) + n * K;
      T* dz = o.out<T>(2) + n * K;
      const std::int64_t label = o.in<std::int32_t>(1)[n];
      const bool known = label >= 0 && label < K;
      const std::int64_t best = first_largest(z, K);
      const double largest = z[best];
      const double of_label = known ? static_cast<double>(z[label]) : nan;
      // A NaN sum makes the whole row of dz NaN.
      const double sum = known ? sum_of_exponentials(z, largest, K) : nan;
      softmax_row(z, largest, sum, dz, K);
      if (known) dz[label] -= 1;
      o.out<T>(0)[n] = static_cast<T>(std::log(sum) - (of_label - largest));
      o.out<std::int32_t>(1)[n] = best == label ? 1 : 0;
    }
  }

  // z, t: [N,K] -> losses, correct: [N]  dz: [N,K]
  template <typename T>
  static void with_targets(const Operands<SoftmaxCrossEntropy>& o) {
    const auto [N, K] = o.rows(0);
    for (std::int64_t n = 0; n < N; ++n) {
      const T* z = o.in<T>(0) + n * K;
      const T* t = o.in<T>(1) + n * K;
      T* dz = o.out<T>(2) + n * K;
      const std::int64_t best = first_largest(z, K);
      const double largest = z[best];
      const double sum = sum_of_exponentials(z, largest, K);
      double loss = 0;
      double weight = 0;
      for (std::int64_t k = 0; k < K; ++k) {
        weight += t[k];
        // What has no weight adds nothing, not even where its logit is -infinity.
        if (t[k] != 0) loss += t[k] * (std::log(sum) - (z[k] - largest));
      }
      for (std::int64_t k = 0; k < K; ++k)
        dz[k] = static_cast<T>(std::exp(z[k] - largest) / sum * weight - t[k]);
      o.out<T>(0)[n] = static_cast<T>(loss);
      o.out<std::int32_t>(1)[n] = best == first_largest(t, K) ? 1 : 0;
    }
  }

  template <typename T>
  static void run(const Operands<SoftmaxCrossEntropy>& o) {
    if (o.call.inputs[1].dtype == DType::i32)
      with_labels<T>(o);
    else
      with_targets<T>(o);
  }
};

}  // namespace

KernelEntry softmax() { return entry_of<SoftmaxKernel>(); }
KernelEntry softmax_grad() { return entry_of<SoftmaxGradKernel>(); }
KernelEntry softmax_cross_entropy() { return entry_of<SoftmaxCrossEntropyKernel>(); }

}  // namespace evenkeel::reference
