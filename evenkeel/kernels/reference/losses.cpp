// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"
#include "evenkeel/kernels/rows.h"

namespace evenkeel::reference {
namespace {

// z: [N,K], labels or targets -> losses: [N], correct: [N], dz: [N,K]; `term(z, t)` gives the loss
// of one element and its derivative.
template <typename OpType>
struct MeanOverClasses : FloatKernel {
  using Op = OpType;
  static constexpr std::array in_place = {InPlace{0, 2}};

  template <typename T, typename Term>
  static void run(const Operands<OpType>& o, double threshold, const Term& term) {
    const auto [N, K] = o.rows(0);
    const Targets<T> targets(o.args.inputs[1], o.call.inputs[1].dtype, K);
    for (std::int64_t n = 0; n < N; ++n) {
      const T* z = o.template in<T>(0) + n * K;
      // Before dz may overwrite z.
      o.template out<std::int32_t>(1)[n] = is_correct(z, targets, n, K, threshold) ? 1 : 0;
      double sum = 0;
      for (std::int64_t k = 0; k < K; ++k) {
        const auto [loss, slope] = term(static_cast<double>(z[k]), targets.at(n, k));
        sum += loss;
        o.template out<T>(2)[n * K + k] = static_cast<T>(slope / static_cast<double>(K));
      }
      o.template out<T>(0)[n] = static_cast<T>(sum / static_cast<double>(K));
    }
  }
};

struct LossAndSlope {
  double loss;
  double slope;
};

struct SigmoidCrossEntropyKernel : MeanOverClasses<SigmoidCrossEntropy> {
  static constexpr std::string_view name = "reference/sigmoid_cross_entropy";
  template <typename T>
  static void run(const Operands<SigmoidCrossEntropy>& o) {
    MeanOverClasses::run<T>(o, 0, [](double z, double t) {
      const double loss = std::max(z, 0.0) - z * t + std::log1p(std::exp(-std::abs(z)));
      return LossAndSlope{std::isnan(z) ? z : loss, 1 / (1 + std::exp(-z)) - t};
    });
  }
};

struct MeanSquaredErrorKernel : MeanOverClasses<MeanSquaredError> {
  static constexpr std::string_view name = "reference/mean_squared_error";
  template <typename T>
  static void run(const Operands<MeanSquaredError>& o) {
    MeanOverClasses::run<T>(o, 0.5, [](double y, double t) {
      return LossAndSlope{(y - t) * (y - t), 2 * (y - t)};
    });
  }
};

struct InTopKKernel : FloatKernel {
  using Op = InTopK;
  static constexpr std::string_view name = "reference/in_top_k";
  static constexpr auto in_place = kNeverInPlace;

  // z: [N,K], labels or targets -> in: [N]
  template <typename T>
  static void run(const Operands<InTopK>& o) {
    const auto [N, K] = o.rows(0);
    const Targets<T> targets(o.args.inputs[1], o.call.inputs[1].dtype, K);
    for (std::int64_t n = 0; n < N; ++n) {
      const T* z = o.in<T>(0) + n * K;
      const std::int64_t label = targets.label(n);
      std::int64_t ahead = 0;
      if (label >= 0)
        for (std::int64_t k = 0; k < K; ++k)
          if (z[k] > z[label] || (z[k] == z[label] && k < label)) ++ahead;
      const bool in = label >= 0 && !std::isnan(z[label]) && ahead < o.op.k;
      o.out<std::int32_t>(0)[n] = in ? 1 : 0;
    }
  }
};

}  // namespace

KernelEntry sigmoid_cross_entropy() { return entry_of<SigmoidCrossEntropyKernel>(); }
KernelEntry mean_squared_error() { return entry_of<MeanSquaredErrorKernel>(); }
KernelEntry in_top_k() { return entry_of<InTopKKernel>(); }

}  // namespace evenkeel::reference
