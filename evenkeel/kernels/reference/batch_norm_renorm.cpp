// SPDX-License-Identifier: Apache-2.0
// Batch renormalisation.
#include <algorithm>
#include <cmath>

#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct Limits {
  double rmin, rmax, dmax;
};

Limits limits_at(const RenormCorrection& op, double seen) {
  const double rmax = ramp_at(op.rmax, seen);
  const double rmin =
      op.rmin.empty() ? 1 / rmax : ramp_at({op.rmin[0], op.rmin[1], op.rmin[2], op.rmin[3]}, seen);
  return {rmin, rmax, ramp_at(op.dmax, seen)};
}

struct RenormCorrectionKernel : FloatKernel {
  using Op = RenormCorrection;
  static constexpr std::string_view name = "reference/renorm_correction";
  static constexpr auto in_place = kNeverInPlace;
  static DType dtype(const Call& call) { return call.inputs[3].dtype; }

  // count, mean, M2, M, S: [C]  updates_seen: [] -> r, d: [C]
  template <typename T>
  static void run(const Operands<RenormCorrection>& o) {
    const RenormCorrection& op = o.op;
    const double seen = static_cast<double>(*o.in<std::int64_t>(5));
    const Limits limits = limits_at(op, seen);
    const bool nothing_known = op.count_weighted && seen == 0;
    const std::int64_t C = o.in_shape(0)[0];
    for (std::int64_t c = 0; c < C; ++c) {
      const double S = o.in<T>(4)[c];
      const double by = op.moves == RenormMoves::deviation ? std::max(S, std::sqrt(op.epsilon))
                                                           : std::sqrt(S + op.epsilon);
      const double deviation = std::sqrt(o.in<double>(2)[c] / o.in<double>(0)[c] + op.epsilon);
      const double shift = o.in<double>(1)[c] - static_cast<double>(o.in<T>(3)[c]);
      const double r = std::clamp(deviation / by, limits.rmin, limits.rmax);
      const double d = std::clamp(shift / by, -limits.dmax, limits.dmax);
      o.out<T>(0)[c] = static_cast<T>(nothing_known ? 1 : r);
      o.out<T>(1)[c] = static_cast<T>(nothing_known ? 0 : d);
    }
  }
};

struct UpdateDeviationKernel : FloatKernel {
  using Op = UpdateDeviation;
  static constexpr std::string_view name = "reference/update_deviation";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};

  // moving_mean, deviation: [C]  updates_seen: []  count, mean, M2: [C] -> the first two anew, and
  // the variance of the second
  template <typename T>
  static void run(const Operands<UpdateDeviation>& o) {
    const UpdateDeviation& op = o.op;
    const std::int64_t C = o.in_shape(0)[0];
    const double keep = kept(op, static_cast<double>(*o.in<std::int64_t>(2)));
    for (std::int64_t c = 0; c < C; ++c) {
      const double variance =
          moving_variance_of(op.variance, o.in<double>(3)[c], o.in<double>(5)[c]);
      const double deviation = keep * o.in<T>(1)[c] + (1 - keep) * std::sqrt(variance + op.epsilon);
      o.out<T>(0)[c] = static_cast<T>(keep * o.in<T>(0)[c] + (1 - keep) * o.in<double>(4)[c]);
      o.out<T>(1)[c] = static_cast<T>(deviation);
      o.out<T>(2)[c] = static_cast<T>(std::max(deviation * deviation - op.epsilon, 0.0));
    }
  }
};

}  // namespace

KernelEntry renorm_correction() { return entry_of<RenormCorrectionKernel>(); }
KernelEntry update_deviation() { return entry_of<UpdateDeviationKernel>(); }

}  // namespace evenkeel::reference
