// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/adam.h"

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/adam.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/adam-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// p, m, v, g: [count] -> p, m, v.
int32_t adam_f32(const AdamPointers& at, size_t count, const AdamStep& step) {
  return update_all<false, false>(at, count, step);
}
// The same with l2 or decay.
int32_t adam_decaying_f32(const AdamPointers& at, size_t count, const AdamStep& step) {
  if (step.l2 == 0) return update_all<false, true>(at, count, step);
  if (step.shrink == 1) return update_all<true, false>(at, count, step);
  return update_all<true, true>(at, count, step);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(adam_f32);
HWY_EXPORT(adam_decaying_f32);

struct AdamKernel : ElementwiseKernel {
  using Op = AdamUpdate;
  static constexpr std::string_view name = "native/adam";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}, InPlace{2, 2}};
  static bool accepts(const Call& call) {
    for (std::size_t i = 0; i < 4; ++i)
      if (!is_dense(call.inputs[i], DType::f32)) return false;
    return is_dense(call.inputs[4], DType::f64) && is_dense(call.inputs[5], DType::i64);
  }
  explicit AdamKernel(const Call& call)
      : ElementwiseKernel(call), op(std::get<AdamUpdate>(call.op)) {}
  void run(const Args& args, Range range) const {
    const AdamStep step = step_of(op, *in<double>(args, 4), *in<std::int64_t>(args, 5));
    const auto update = op.l2 == 0 && op.decay == 0 ? HWY_DYNAMIC_DISPATCH(adam_f32)
                                                    : HWY_DYNAMIC_DISPATCH(adam_decaying_f32);
    for (std::int64_t block = range.begin; block < range.end; ++block) {
      const Elements e = elements({block, block + 1});
      const AdamPointers at = {in<float>(args, 0) + e.begin,  in<float>(args, 1) + e.begin,
                               in<float>(args, 2) + e.begin,  in<float>(args, 3) + e.begin,
                               out<float>(args, 0) + e.begin, out<float>(args, 1) + e.begin,
                               out<float>(args, 2) + e.begin};
      out<std::int32_t>(args, 3)[block] = update(at, e.count(), step);
    }
  }
  AdamUpdate op;
};

}  // namespace

KernelEntry adam() { return entry_of<AdamKernel>(); }

}  // namespace evenkeel::native
#endif
