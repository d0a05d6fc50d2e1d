// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct ReluKernel : FloatKernel {
  using Op = Relu;
  static constexpr std::string_view name = "reference/relu";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: any one shape; NaN <= 0 is false, so NaN stays
  template <typename T>
  static void run(const Operands<Relu>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i) {
      const T x = o.in<T>(0)[i];
      o.out<T>(0)[i] = x <= 0 ? T{0} : x;
    }
  }
};

struct ReluGradKernel : FloatKernel {
  using Op = ReluGrad;
  static constexpr std::string_view name = "reference/relu_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  // dy, y, dx: any one shape
  template <typename T>
  static void run(const Operands<ReluGrad>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.out<T>(0)[i] = o.in<T>(1)[i] > 0 ? o.in<T>(0)[i] : T{0};
  }
};

}  // namespace

KernelEntry relu() { return entry_of<ReluKernel>(); }
KernelEntry relu_grad() { return entry_of<ReluGradKernel>(); }

}  // namespace evenkeel::reference
