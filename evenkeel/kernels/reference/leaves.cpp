// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct ConstantKernel : PlainKernel {
  using Op = Constant;
  static constexpr std::string_view name = "reference/constant";
  static constexpr auto in_place = kNeverInPlace;

  template <typename T>
  static void fill(const Operands<Constant>& o) {
    std::fill_n(o.out<T>(0), o.out_shape(0).elements(), static_cast<T>(o.op.value));
  }

  // y: any shape
  static void run(const Operands<Constant>& o) {
    switch (o.call.outputs[0].dtype) {
      case DType::f32:
        return fill<float>(o);
      case DType::f64:
        return fill<double>(o);
      case DType::u8:
        return fill<std::uint8_t>(o);
      case DType::i32:
        return fill<std::int32_t>(o);
      case DType::i64:
        return fill<std::int64_t>(o);
      case DType::boolean:
        return fill<bool>(o);
      case DType::bf16:
        return;  // not accepted
    }
  }
};

}  // namespace

KernelEntry constant() {
  KernelEntry entry = entry_of<ConstantKernel>();
  entry.accepts = [](const Call& call) {
    return all_dense(call) && call.outputs[0].dtype != DType::bf16;
  };
  return entry;
}

}  // namespace evenkeel::reference
