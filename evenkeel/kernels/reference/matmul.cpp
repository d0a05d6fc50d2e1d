// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/base/bf16.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct MatMulKernel : FloatKernel {
  using Op = MatMul;
  static constexpr std::string_view name = "reference/matmul";
  static constexpr auto in_place = kNeverInPlace;
  static DType dtype(const Call& call) { return call.outputs[0].dtype; }

  // a: [M,C] or transposed [C,M]  b: [C,K] or transposed [K,C]  y: [M,K]
  template <typename T>
  static void run(const Operands<MatMul>& o) {
    const bool narrow_a = o.call.inputs[0].dtype == DType::bf16;
    const bool narrow_b = o.call.inputs[1].dtype == DType::bf16;
    if (narrow_a && narrow_b) return product<T, Bf16, Bf16>(o);
    if (narrow_a) return product<T, Bf16, T>(o);
    if (narrow_b) return product<T, T, Bf16>(o);
    product<T, T, T>(o);
  }

  template <typename T, typename A, typename B>
  static void product(const Operands<MatMul>& o) {
    const std::int64_t M = o.out_shape(0)[0];
    const std::int64_t K = o.out_shape(0)[1];
    const std::int64_t C = o.in_shape(0)[o.op.transpose_a ? 0 : 1];
    const std::int64_t a_m = o.op.transpose_a ? 1 : C;
    const std::int64_t a_c = o.op.transpose_a ? M : 1;
    const std::int64_t b_c = o.op.transpose_b ? 1 : K;
    const std::int64_t b_k = o.op.transpose_b ? C : 1;
    for (std::int64_t m = 0; m < M; ++m) {
      T* y = o.out<T>(0) + m * K;
      std::fill_n(y, K, T{0});
      for (std::int64_t c = 0; c < C; ++c) {
        const T a = o.in<A>(0)[m * a_m + c * a_c];
        for (std::int64_t k = 0; k < K; ++k)
          y[k] += a * static_cast<T>(o.in<B>(1)[c * b_c + k * b_k]);
      }
    }
  }
};

}  // namespace

KernelEntry matmul() { return entry_of<MatMulKernel>(); }

}  // namespace evenkeel::reference
