// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct SquaredNormKernel : FloatKernel {
  using Op = SquaredNorm;
  static constexpr std::string_view name = "reference/squared_norm";
  static constexpr auto in_place = kNeverInPlace;

  // x: any shape  y: []
  template <typename T>
  static void run(const Operands<SquaredNorm>& o) {
    const std::int64_t count = o.in_shape(0).elements();
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto x = static_cast<double>(o.in<T>(0)[i]);
      sum += x * x;
    }
    *o.out<double>(0) = sum;
  }
};

struct ClipFactorKernel : FloatKernel {
  using Op = ClipFactor;
  static constexpr std::string_view name = "reference/clip_factor";
  static constexpr auto in_place = kNeverInPlace;
  static DType dtype(const Call& call) { return call.outputs[0].dtype; }

  // s: []  y: []
  template <typename T>
  static void run(const Operands<ClipFactor>& o) {
    constexpr double kEpsilon = 1e-6;
    const double norm = std::sqrt(*o.in<double>(0));
    const double factor = std::isfinite(norm) ? std::min(1.0, o.op.largest / (norm + kEpsilon)) : 1;
    *o.out<T>(0) = static_cast<T>(factor);
  }
};

}  // namespace

KernelEntry squared_norm() { return entry_of<SquaredNormKernel>(); }
KernelEntry clip_factor() { return entry_of<ClipFactorKernel>(); }

}  // namespace evenkeel::reference
