// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/rmsprop.h"

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/update.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/rmsprop.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/update-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

template <bool kVelocity, bool kL2>
HWY_INLINE int32_t update_all(const UpdatePointers& at, size_t count, const UpdateStep& by) {
  return update_elements(count, [&](auto d, size_t i) HWY_ATTR {
    const auto p = hn::LoadU(d, at.p + i);
    const auto raw = hn::LoadU(d, at.g + i);
    const auto g = with_l2<kL2>(d, raw, p, by.l2);
    const auto s = hn::Add(hn::Mul(hn::Set(d, by.keep_s), hn::LoadU(d, at.s + i)),
                           hn::Mul(hn::Mul(hn::Set(d, by.take_s), g), g));
    auto step = hn::Div(g, hn::Add(hn::Sqrt(s), hn::Set(d, by.epsilon)));
    if constexpr (kVelocity) {
      step = hn::Add(hn::Mul(hn::Set(d, by.momentum), hn::LoadU(d, at.v + i)), step);
      hn::StoreU(step, d, at.new_v + i);
    }
    hn::StoreU(s, d, at.new_s + i);
    store_stepped(d, p, step, by.rate, at.new_p + i);
    return raw;
  });
}

// p, s, v, g: [count] -> p, s, v; without momentum no v.
int32_t rmsprop_f32(const UpdatePointers& at, size_t count, const UpdateStep& by) {
  const bool l2 = by.l2 != 0;
  if (at.v == nullptr)
    return l2 ? update_all<false, true>(at, count, by) : update_all<false, false>(at, count, by);
  return l2 ? update_all<true, true>(at, count, by) : update_all<true, false>(at, count, by);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(rmsprop_f32);

static_assert(kElementBlock == RmspropUpdate::kBlock);

struct RmspropKernel : ElementwiseKernel {
  using Op = RmspropUpdate;
  static constexpr std::string_view name = "native/rmsprop";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}, InPlace{2, 2}};
  static bool accepts(const Call& call) {
    const std::size_t rate = call.inputs.size() - 1;
    for (std::size_t i = 0; i < rate; ++i)
      if (!is_dense(call.inputs[i], DType::f32)) return false;
    return is_dense(call.inputs[rate], DType::f64);
  }
  explicit RmspropKernel(const Call& call) : ElementwiseKernel(call), op(std::get<Op>(call.op)) {}
  void run(const Args& args, Range range) const {
    const std::size_t slots = op.has_velocity() ? 2 : 1;
    UpdateStep by = {};
    by.rate = static_cast<float>(*in<double>(args, slots + 2));
    by.momentum = static_cast<float>(op.momentum);
    by.l2 = static_cast<float>(op.l2);
    by.keep_s = static_cast<float>(op.decay);
    by.take_s = static_cast<float>(1 - op.decay);
    by.epsilon = static_cast<float>(op.epsilon);
    for (std::int64_t block = range.begin; block < range.end; ++block) {
      const Elements e = elements({block, block + 1});
      UpdatePointers at = {};
      at.p = in<float>(args, 0) + e.begin;
      at.s = in<float>(args, 1) + e.begin;
      at.new_p = out<float>(args, 0) + e.begin;
      at.new_s = out<float>(args, 1) + e.begin;
      if (op.has_velocity()) {
        at.v = in<float>(args, 2) + e.begin;
        at.new_v = out<float>(args, 2) + e.begin;
      }
      at.g = in<float>(args, slots + 1) + e.begin;
      out<std::int32_t>(args, slots + 1)[block] =
          HWY_DYNAMIC_DISPATCH(rmsprop_f32)(at, e.count(), by);
    }
  }
  RmspropUpdate op;
};

}  // namespace

// Without momentum, input 2 is the gradient and output 2 the counts.
KernelEntry rmsprop() {
  KernelEntry entry = entry_of<RmspropKernel>();
  entry.needs = [](const Call& call) {
    Needs needs = entry_of<RmspropKernel>().needs(call);
    if (!std::get<RmspropUpdate>(call.op).has_velocity()) needs.in_place = {{0, 0}, {1, 1}};
    return needs;
  };
  return entry;
}

}  // namespace evenkeel::native
#endif
