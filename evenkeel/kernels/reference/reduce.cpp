// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct MeanKernel : FloatKernel {
  using Op = Mean;
  static constexpr std::string_view name = "reference/mean";
  static constexpr auto in_place = kNeverInPlace;

  // x: any shape  y: []
  template <typename T>
  static void run(const Operands<Mean>& o) {
    const std::int64_t count = o.in_shape(0).elements();
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) sum += o.in<T>(0)[i];
    *o.out<T>(0) = static_cast<T>(sum / static_cast<double>(count));
  }
};

struct MeanGradKernel : FloatKernel {
  using Op = MeanGrad;
  static constexpr std::string_view name = "reference/mean_grad";
  static constexpr auto in_place = kNeverInPlace;

  // dy: []  dx: x's shape
  template <typename T>
  static void run(const Operands<MeanGrad>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    const double dx = static_cast<double>(*o.in<T>(0)) / static_cast<double>(count);
    std::fill_n(o.out<T>(0), count, static_cast<T>(dx));
  }
};

struct SumKernel : PlainKernel {
  using Op = Sum;
  static constexpr std::string_view name = "reference/sum";
  static constexpr auto in_place = kNeverInPlace;

  // x: any shape  y: []
  static void run(const Operands<Sum>& o) {
    const std::int64_t count = o.in_shape(0).elements();
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < count; ++i) sum += o.in<std::int32_t>(0)[i];
    *o.out<std::int32_t>(0) = static_cast<std::int32_t>(sum);
  }
};

}  // namespace

KernelEntry mean() { return entry_of<MeanKernel>(); }
KernelEntry mean_grad() { return entry_of<MeanGradKernel>(); }
KernelEntry sum() { return entry_of<SumKernel>(); }

}  // namespace evenkeel::reference
