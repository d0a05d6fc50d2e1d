// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/update_rule.h"

namespace evenkeel::reference {
namespace {

struct SgdKernel : FloatKernel {
  using Op = SgdUpdate;
  static constexpr std::string_view name = "reference/sgd";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};

  // p, v, g: one shape  lr: [] -> p, v, nonfinite: [B]; without momentum no v
  template <typename T>
  static void run(const Operands<SgdUpdate>& o) {
    const T l2 = static_cast<T>(o.op.l2);
    const T momentum = static_cast<T>(o.op.momentum);
    const std::size_t slots = o.op.has_velocity() ? 1 : 0;
    const T rate = static_cast<T>(*o.in<double>(slots + 2));
    update_elements<T>(o, slots + 1, slots + 1, [&](std::int64_t i, T g) {
      const T p = o.in<T>(0)[i];
      T step = l2 == 0 ? g : g + l2 * p;
      if (o.op.has_velocity()) {
        const T v = momentum * o.in<T>(1)[i] + step;
        step = o.op.nesterov ? step + momentum * v : v;
        o.out<T>(1)[i] = v;
      }
      o.out<T>(0)[i] = p - rate * step;
    });
  }
};

}  // namespace

// Without momentum, input 1 is the gradient and output 1 the counts: only p may share memory.
KernelEntry sgd() {
  KernelEntry entry = entry_of<SgdKernel>();
  entry.needs = [](const Call& call) {
    Needs result = needs<SgdKernel>(call);
    if (!std::get<SgdUpdate>(call.op).has_velocity()) result.in_place = {{0, 0}};
    return result;
  };
  return entry;
}

}  // namespace evenkeel::reference
