// SPDX-License-Identifier: Apache-2.0
// The variance as a value, and the gradient through the moments.
#include <cmath>

#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct ChannelVarianceKernel : FloatKernel {
  using Op = ChannelVariance;
  static constexpr std::string_view name = "reference/channel_variance";
  static constexpr auto in_place = kNeverInPlace;
  static DType dtype(const Call& call) { return call.outputs[0].dtype; }

  // count, mean, M2, variance: any one shape
  template <typename T>
  static void run(const Operands<ChannelVariance>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.out<T>(0)[i] =
          static_cast<T>(variance_of(o.op.variance, o.in<double>(0)[i], o.in<double>(2)[i]));
  }
};

struct ChannelVarianceGradKernel : FloatKernel {
  using Op = ChannelVarianceGrad;
  static constexpr std::string_view name = "reference/channel_variance_grad";
  static constexpr auto in_place = kNeverInPlace;

  // dvariance, count, dM2: any one shape
  template <typename T>
  static void run(const Operands<ChannelVarianceGrad>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.out<double>(0)[i] = variance_of(o.op.variance, o.in<double>(1)[i], o.in<T>(0)[i]);
  }
};

struct DeviationKernel : FloatKernel {
  using Op = Deviation;
  static constexpr std::string_view name = "reference/deviation";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // variance, y: any one shape
  template <typename T>
  static void run(const Operands<Deviation>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.out<T>(0)[i] = static_cast<T>(std::sqrt(static_cast<double>(o.in<T>(0)[i]) + o.op.epsilon));
  }
};

struct InverseDeviationKernel : FloatKernel {
  using Op = InverseDeviation;
  static constexpr std::string_view name = "reference/inverse_deviation";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // variance, y: any one shape
  template <typename T>
  static void run(const Operands<InverseDeviation>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.out<T>(0)[i] =
          static_cast<T>(1 / std::sqrt(static_cast<double>(o.in<T>(0)[i]) + o.op.epsilon));
  }
};

struct ChannelMomentsGradKernel : FloatKernel {
  using Op = ChannelMomentsGrad;
  static constexpr std::string_view name = "reference/channel_moments_grad";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, dx: [N,..,C]  count, mean, dmean, dM2: [C] or [N,C]
  template <typename T>
  static void run(const Operands<ChannelMomentsGrad>& o) {
    const auto [rows, C] = o.rows(0);
    const bool each_sample = o.in_shape(1).rank() == 2;
    const std::int64_t size = each_sample ? o.in_shape(0).elements_per_sample() : rows * C;
    for (std::int64_t i = 0; i < rows * C; ++i) {
      const std::int64_t k = i / size * C + i % C;
      const double centred = static_cast<double>(o.in<T>(0)[i]) - o.in<double>(2)[k];
      o.out<T>(0)[i] = static_cast<T>(o.in<double>(3)[k] / o.in<double>(1)[k] +
                                      2 * centred * o.in<double>(4)[k]);
    }
  }
};

}  // namespace

KernelEntry channel_variance() { return entry_of<ChannelVarianceKernel>(); }
KernelEntry channel_variance_grad() { return entry_of<ChannelVarianceGradKernel>(); }
KernelEntry deviation() { return entry_of<DeviationKernel>(); }
KernelEntry inverse_deviation() { return entry_of<InverseDeviationKernel>(); }
KernelEntry channel_moments_grad() { return entry_of<ChannelMomentsGradKernel>(); }

}  // namespace evenkeel::reference
