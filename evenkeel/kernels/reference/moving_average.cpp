// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct MovingAverageKernel : FloatKernel {
  using Op = MovingAverage;
  static constexpr std::string_view name = "reference/moving_average";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // moving, value, y: any one shape  updates_seen: []
  template <typename T>
  static void run(const Operands<MovingAverage>& o) {
    if (o.call.inputs[2].dtype == DType::f32)
      average<T, float>(o);
    else
      average<T, double>(o);
  }

  template <typename T, typename From>
  static void average(const Operands<MovingAverage>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    const double keep = kept(o.op, static_cast<double>(*o.in<std::int64_t>(1)) / o.op.ramp);
    for (std::int64_t i = 0; i < count; ++i)
      o.out<T>(0)[i] = static_cast<T>(keep * o.in<T>(0)[i] + (1 - keep) * o.in<From>(2)[i]);
  }
};

struct PiecewiseLinearKernel : PlainKernel {
  using Op = PiecewiseLinear;
  static constexpr std::string_view name = "reference/piecewise_linear";
  static constexpr auto in_place = kNeverInPlace;

  static double at(const PiecewiseLinear& op, double count) {
    std::size_t next = 0;
    while (next < op.at.size() && op.at[next] <= count) ++next;
    if (next == 0) return op.value.front();
    const double from = op.value[next - 1];
    if (next == op.at.size() || op.value[next] == from) return from;
    return from +
           (op.value[next] - from) * (count - op.at[next - 1]) / (op.at[next] - op.at[next - 1]);
  }

  // count, y: []
  static void run(const Operands<PiecewiseLinear>& o) {
    *o.out<double>(0) = at(o.op, static_cast<double>(*o.in<std::int64_t>(0)));
  }
};

}  // namespace

KernelEntry moving_average() { return entry_of<MovingAverageKernel>(); }
KernelEntry piecewise_linear() { return entry_of<PiecewiseLinearKernel>(); }

}  // namespace evenkeel::reference
