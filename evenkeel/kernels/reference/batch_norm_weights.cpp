// SPDX-License-Identifier: Apache-2.0
// Weights of samples.
#include <limits>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct WeightMomentsKernel : FloatKernel {
  using Op = WeightMoments;
  static constexpr std::string_view name = "reference/weight_moments";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};
  static DType dtype(const Call& call) { return call.inputs[2].dtype; }

  // count, M2: [N,C]  weights: [N] -> both weighted
  template <typename T>
  static void run(const Operands<WeightMoments>& o) {
    const auto [N, C] = o.rows(0);
    for (std::int64_t i = 0; i < N * C; ++i) {
      const double given = o.in<T>(2)[i / C];
      const double weight = given >= 0 ? given : std::numeric_limits<double>::quiet_NaN();
      for (const std::size_t which : {0U, 1U})
        o.out<double>(which)[i] = weight * o.in<double>(which)[i];
    }
  }
};

struct OuterKernel : FloatKernel {
  using Op = Outer;
  static constexpr std::string_view name = "reference/outer";
  static constexpr auto in_place = kNeverInPlace;

  // a: [N]  b: [C] -> [N,C]
  template <typename T>
  static void run(const Operands<Outer>& o) {
    const std::int64_t C = o.in_shape(1)[0];
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i) o.out<T>(0)[i] = o.in<T>(0)[i / C] * o.in<T>(1)[i % C];
  }
};

}  // namespace

KernelEntry weight_moments() { return entry_of<WeightMomentsKernel>(); }
KernelEntry outer() { return entry_of<OuterKernel>(); }

}  // namespace evenkeel::reference
