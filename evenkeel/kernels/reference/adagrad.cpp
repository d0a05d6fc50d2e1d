// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/update_rule.h"

namespace evenkeel::reference {
namespace {

struct AdagradKernel : FloatKernel {
  using Op = AdagradUpdate;
  static constexpr std::string_view name = "reference/adagrad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};

  // p, s, g: one shape  lr: [] -> p, s, nonfinite: [B]
  template <typename T>
  static void run(const Operands<AdagradUpdate>& o) {
    const T epsilon = static_cast<T>(o.op.epsilon);
    const T l2 = static_cast<T>(o.op.l2);
    const T rate = static_cast<T>(*o.in<double>(3));
    update_elements<T>(o, 2, 2, [&](std::int64_t i, T raw) {
      const T p = o.in<T>(0)[i];
      const T g = l2 == 0 ? raw : raw + l2 * p;
      const T s = o.in<T>(1)[i] + g * g;
      o.out<T>(1)[i] = s;
      o.out<T>(0)[i] = p - rate * (g / (std::sqrt(s) + epsilon));
    });
  }
};

}  // namespace

KernelEntry adagrad() { return entry_of<AdagradKernel>(); }

}  // namespace evenkeel::reference
