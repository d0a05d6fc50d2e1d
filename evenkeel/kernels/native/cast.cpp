// SPDX-License-Identifier: Apache-2.0
// Between f32 and bf16, by plain loops: a plan does it once for weights, which no run waits for.
#include <algorithm>

#include "evenkeel/base/bf16.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

struct CastKernel : ElementwiseKernel {
  using Op = Cast;
  static constexpr std::string_view name = "native/cast";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return narrows(call)
               ? is_dense(call.inputs[0], DType::f32)
               : is_dense(call.inputs[0], DType::bf16) && is_dense(call.outputs[0], DType::f32);
  }
  explicit CastKernel(const Call& call) : ElementwiseKernel(call), narrow(narrows(call)) {}

  // x, y: any shape
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    if (narrow)
      std::transform(in<float>(args, 0) + e.begin, in<float>(args, 0) + e.end,
                     out<Bf16>(args, 0) + e.begin, rounded_to_bf16);
    else
      std::copy(in<Bf16>(args, 0) + e.begin, in<Bf16>(args, 0) + e.end,
                out<float>(args, 0) + e.begin);
  }

  static bool narrows(const Call& call) { return is_dense(call.outputs[0], DType::bf16); }
  bool narrow;
};

}  // namespace

KernelEntry cast() { return entry_of<CastKernel>(); }

}  // namespace evenkeel::native
