// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/base/bf16.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct CastKernel : PlainKernel {
  using Op = Cast;
  static constexpr std::string_view name = "reference/cast";
  static constexpr auto in_place = kNeverInPlace;

  template <typename From, typename To>
  static To cast(From x) {
    if constexpr (std::is_same_v<To, Bf16>)
      return rounded_to_bf16(static_cast<float>(x));
    else
      return static_cast<To>(x);
  }

  template <typename From, typename To>
  static void cast_all(const Operands<Cast>& o) {
    const From* x = o.in<From>(0);
    std::transform(x, x + o.out_shape(0).elements(), o.out<To>(0), cast<From, To>);
  }

  template <typename From>
  static void cast_from(const Operands<Cast>& o) {
    if (o.op.dtype == DType::bf16) return cast_all<From, Bf16>(o);
    if (o.op.dtype == DType::f64) return cast_all<From, double>(o);
    cast_all<From, float>(o);
  }

  // x, y: any shape
  static void run(const Operands<Cast>& o) {
    const DType from = o.call.inputs[0].dtype;
    if (from == DType::bf16) return cast_from<Bf16>(o);
    if (from == DType::f64) return cast_from<double>(o);
    cast_from<float>(o);
  }
};

}  // namespace

KernelEntry cast() { return entry_of<CastKernel>(); }

}  // namespace evenkeel::reference
