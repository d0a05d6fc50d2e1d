// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct PenaltyGradKernel : FloatKernel {
  using Op = PenaltyGrad;
  static constexpr std::string_view name = "reference/penalty_grad";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // g, p: any shape
  template <typename T>
  static void run(const Operands<PenaltyGrad>& o) {
    for (std::int64_t i = 0; i < o.in_shape(0).elements(); ++i) {
      const auto p = static_cast<double>(o.in<T>(1)[i]);
      const double sign = p > 0 ? 1 : (p < 0 ? -1 : 0);
      const auto g = static_cast<double>(o.in<T>(0)[i]);
      o.out<T>(0)[i] = static_cast<T>(g + o.op.l1 * sign + 2 * o.op.l2 * p);
    }
  }
};

struct ConstrainKernel : FloatKernel {
  using Op = Constrain;
  static constexpr std::string_view name = "reference/constrain";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // What p is multiplied by where the bound is on its norm.
  static double factor(const Constrain& op, double norm) {
    constexpr double kEpsilon = 1e-7;  // Keras's
    double wanted = 1;
    if (op.bound == Bound::max_norm) wanted = std::min(norm, op.high);
    if (op.bound == Bound::min_max_norm)
      wanted = op.rate * std::clamp(norm, op.low, op.high) + (1 - op.rate) * norm;
    return wanted / (kEpsilon + norm);
  }

  // p: any shape
  template <typename T>
  static void run(const Operands<Constrain>& o) {
    const std::int64_t count = o.in_shape(0).elements();
    double squares = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto p = static_cast<double>(o.in<T>(0)[i]);
      squares += p * p;
    }
    const double by = factor(o.op, std::sqrt(squares));
    for (std::int64_t i = 0; i < count; ++i) {
      const auto p = static_cast<double>(o.in<T>(0)[i]);
      // Turned round, so that NaN stays what it is.
      const double bounded = o.op.bound == Bound::non_negative ? (p < 0 ? 0 : p) : p * by;
      o.out<T>(0)[i] = static_cast<T>(bounded);
    }
  }
};

}  // namespace

KernelEntry penalty_grad() { return entry_of<PenaltyGradKernel>(); }
KernelEntry constrain() { return entry_of<ConstrainKernel>(); }

}  // namespace evenkeel::reference
