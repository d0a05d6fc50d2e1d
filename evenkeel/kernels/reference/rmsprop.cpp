// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/update_rule.h"

namespace evenkeel::reference {
namespace {

struct RmspropKernel : FloatKernel {
  using Op = RmspropUpdate;
  static constexpr std::string_view name = "reference/rmsprop";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}, InPlace{2, 2}};

  // p, s, v, g: one shape  lr: [] -> p, s, v, nonfinite: [B]; without momentum no v
  template <typename T>
  static void run(const Operands<RmspropUpdate>& o) {
    const T decay = static_cast<T>(o.op.decay);
    const T take = static_cast<T>(1 - o.op.decay);
    const T epsilon = static_cast<T>(o.op.epsilon);
    const T momentum = static_cast<T>(o.op.momentum);
    const T l2 = static_cast<T>(o.op.l2);
    const std::size_t slots = o.op.has_velocity() ? 2 : 1;
    const T rate = static_cast<T>(*o.in<double>(slots + 2));
    update_elements<T>(o, slots + 1, slots + 1, [&](std::int64_t i, T raw) {
      const T p = o.in<T>(0)[i];
      const T g = l2 == 0 ? raw : raw + l2 * p;
      const T s = decay * o.in<T>(1)[i] + take * g * g;
      T step = g / (std::sqrt(s) + epsilon);
      if (o.op.has_velocity()) {
        step = momentum * o.in<T>(2)[i] + step;
        o.out<T>(2)[i] = step;
      }
      o.out<T>(1)[i] = s;
      o.out<T>(0)[i] = p - rate * step;
    });
  }
};

}  // namespace

// Without momentum, input 2 is the gradient and output 2 the counts.
KernelEntry rmsprop() {
  KernelEntry entry = entry_of<RmspropKernel>();
  entry.needs = [](const Call& call) {
    Needs result = needs<RmspropKernel>(call);
    if (!std::get<RmspropUpdate>(call.op).has_velocity()) result.in_place = {{0, 0}, {1, 1}};
    return result;
  };
  return entry;
}

}  // namespace evenkeel::reference
