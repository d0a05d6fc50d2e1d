// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/adagrad.h"

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/update.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/adagrad.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/update-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

template <bool kL2>
HWY_INLINE int32_t update_all(const UpdatePointers& at, size_t count, const UpdateStep& by) {
  return update_elements(count, [&](auto d, size_t i) HWY_ATTR {
    const auto p = hn::LoadU(d, at.p + i);
    const auto raw = hn::LoadU(d, at.g + i);
    const auto g = with_l2<kL2>(d, raw, p, by.l2);
    const auto s = hn::Add(hn::LoadU(d, at.s + i), hn::Mul(g, g));
    const auto step = hn::Div(g, hn::Add(hn::Sqrt(s), hn::Set(d, by.epsilon)));
    hn::StoreU(s, d, at.new_s + i);
    store_stepped(d, p, step, by.rate, at.new_p + i);
    return raw;
  });
}

// p, s, g: [count] -> p, s.
int32_t adagrad_f32(const UpdatePointers& at, size_t count, const UpdateStep& by) {
  return by.l2 != 0 ? update_all<true>(at, count, by) : update_all<false>(at, count, by);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(adagrad_f32);

static_assert(kElementBlock == AdagradUpdate::kBlock);

struct AdagradKernel : ElementwiseKernel {
  using Op = AdagradUpdate;
  static constexpr std::string_view name = "native/adagrad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};
  static bool accepts(const Call& call) {
    for (std::size_t i = 0; i < 3; ++i)
      if (!is_dense(call.inputs[i], DType::f32)) return false;
    return is_dense(call.inputs[3], DType::f64);
  }
  explicit AdagradKernel(const Call& call) : ElementwiseKernel(call), op(std::get<Op>(call.op)) {}
  void run(const Args& args, Range range) const {
    UpdateStep by = {};
    by.rate = static_cast<float>(*in<double>(args, 3));
    by.l2 = static_cast<float>(op.l2);
    by.epsilon = static_cast<float>(op.epsilon);
    for (std::int64_t block = range.begin; block < range.end; ++block) {
      const Elements e = elements({block, block + 1});
      UpdatePointers at = {};
      at.p = in<float>(args, 0) + e.begin;
      at.s = in<float>(args, 1) + e.begin;
      at.g = in<float>(args, 2) + e.begin;
      at.new_p = out<float>(args, 0) + e.begin;
      at.new_s = out<float>(args, 1) + e.begin;
      out<std::int32_t>(args, 2)[block] = HWY_DYNAMIC_DISPATCH(adagrad_f32)(at, e.count(), by);
    }
  }
  AdagradUpdate op;
};

}  // namespace

KernelEntry adagrad() { return entry_of<AdagradKernel>(); }

}  // namespace evenkeel::native
#endif
