// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/update_rule.h"

namespace evenkeel::reference {
namespace {

// What is the same for all elements, in double once and then rounded:
// p - rate m / (sqrt(v / v_correction) + epsilon).
template <typename T>
struct Step {
  T beta1, take1, beta2, take2, rate, v_correction, epsilon, l2, shrink;

  Step(const AdamUpdate& op, double learning_rate, std::int64_t completed_steps)
      : beta1(static_cast<T>(op.beta1)),
        take1(static_cast<T>(1 - op.beta1)),
        beta2(static_cast<T>(op.beta2)),
        take2(static_cast<T>(1 - op.beta2)),
        epsilon(static_cast<T>(op.epsilon)),
        l2(static_cast<T>(op.l2)),
        shrink(static_cast<T>(1 - learning_rate * op.decay)) {
    const double t = static_cast<double>(completed_steps) + 1;
    const double correction1 = 1 - std::pow(op.beta1, t);
    const double correction2 = 1 - std::pow(op.beta2, t);
    const bool tensorflow = op.form == AdamForm::tensorflow;
    rate = static_cast<T>(learning_rate * (tensorflow ? std::sqrt(correction2) : 1) / correction1);
    v_correction = static_cast<T>(tensorflow ? 1 : correction2);
  }
};

struct AdamKernel : FloatKernel {
  using Op = AdamUpdate;
  static constexpr std::string_view name = "reference/adam";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}, InPlace{2, 2}};

  // p, m, v, g: one shape  lr, step: [] -> p, m, v, nonfinite: [B]
  template <typename T>
  static void run(const Operands<AdamUpdate>& o) {
    const Step<T> step(o.op, *o.in<double>(4), *o.in<std::int64_t>(5));
    update_elements<T>(o, 3, 3, [&](std::int64_t i, T raw) {
      const T old = o.in<T>(0)[i];
      const T g = step.l2 == 0 ? raw : raw + step.l2 * old;
      const T p = o.op.decay == 0 ? old : old * step.shrink;
      const T m = step.beta1 * o.in<T>(1)[i] + step.take1 * g;
      const T v = step.beta2 * o.in<T>(2)[i] + step.take2 * g * g;
      const T root = std::sqrt(v / step.v_correction);
      o.out<T>(0)[i] = p - step.rate * m / (root + step.epsilon);
      o.out<T>(1)[i] = m;
      o.out<T>(2)[i] = v;
    });
  }
};

}  // namespace

KernelEntry adam() { return entry_of<AdamKernel>(); }

}  // namespace evenkeel::reference
