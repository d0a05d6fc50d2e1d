#include <cmath>
#include <limits>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// z: [K]; the first of equals, and NaN is never larger.
template <typename T>
std::int64_t first_largest(const T* z, std::int64_t K) {
  std::int64_t best = 0;
  for (std::int64_t k = 1; k < K; ++k)
    if (z[k] > z[best]) best = k;
  return best;
}

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

struct SoftmaxCrossEntropyKernel : FloatKernel {
  using Op = SoftmaxCrossEntropy;
  static constexpr std::string_view name = "reference/softmax_cross_entropy";
  static constexpr std::array in_place = {InPlace{0, 2}};

  // z: [N,K]  labels: [N] -> losses, correct: [N]  dz: [N,K]
  template <typename T>
  static void run(const Operands<SoftmaxCrossEntropy>& o) {
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
};

}  // namespace

KernelEntry softmax() { return entry_of<SoftmaxKernel>(); }
KernelEntry softmax_cross_entropy() { return entry_of<SoftmaxCrossEntropyKernel>(); }

}  // namespace evenkeel::reference
