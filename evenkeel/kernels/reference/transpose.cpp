// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct TransposeKernel : PlainKernel {
  using Op = Transpose;
  static constexpr std::string_view name = "reference/transpose";
  static constexpr auto in_place = kNeverInPlace;

  // x: [N,..] -> y: [N,..], by index: y[i] = x[j] where i_a = j_axes[a]
  static void run(const Operands<Transpose>& o) {
    const Shape& x = o.in_shape(0);
    const Shape& y = o.out_shape(0);
    const std::size_t size = size_of(o.call.inputs[0].dtype);
    std::vector<std::int64_t> step(x.rank(), 1);  // of x, in elements
    for (std::size_t axis = x.rank() - 1; axis-- > 0;) step[axis] = step[axis + 1] * x[axis + 1];
    for (std::int64_t i = 0; i < y.elements(); ++i) {
      std::int64_t rest = i;
      std::int64_t from = 0;
      for (std::size_t a = y.rank(); a-- > 0; rest /= y[a])
        from += rest % y[a] * step[static_cast<std::size_t>(o.op.axes[a])];
      std::memcpy(o.out<std::byte>(0) + static_cast<std::size_t>(i) * size,
                  o.in<std::byte>(0) + static_cast<std::size_t>(from) * size, size);
    }
  }
};

}  // namespace

KernelEntry transpose() { return entry_of<TransposeKernel>(); }

}  // namespace evenkeel::reference
