// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/dropout_mask.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct DropoutApplyKernel : FloatKernel {
  using Op = DropoutApply;
  static constexpr std::string_view name = "reference/dropout_apply";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: [N,..]  seed, step: []  samples: [N]
  template <typename T>
  static void run(const Operands<DropoutApply>& o) {
    const DropoutMask mask(o.op.rate, o.op.stream, *o.in<std::int64_t>(1), *o.in<std::int64_t>(2));
    const T scale = static_cast<T>(1 / (1 - o.op.rate));
    const Shape& shape = o.in_shape(0);
    const std::int64_t each = shape.elements_per_sample();
    for (std::int64_t n = 0; n < shape[0]; ++n) {
      const T* x = o.in<T>(0) + n * each;
      T* y = o.out<T>(0) + n * each;
      mask.for_each(o.in<std::int64_t>(3)[n], 0, each, [&](std::int64_t index, bool keeps) {
        y[index] = keeps ? x[index] * scale : T{0};
      });
    }
  }
};

}  // namespace

KernelEntry dropout_apply() { return entry_of<DropoutApplyKernel>(); }

}  // namespace evenkeel::reference
