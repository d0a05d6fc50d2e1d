// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/adam.h"

#include <cmath>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/adam.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// Updates the lanes from i on; returns how many of their gradients are not finite.
template <bool kL2, bool kShrink, class D>
HWY_INLINE size_t update_lanes(D d, const AdamPointers& at, size_t i, const AdamStep& step) {
  const auto raw = hn::LoadU(d, at.g + i);
  auto p = hn::LoadU(d, at.p + i);
  auto g = raw;
  if constexpr (kL2) g = hn::Add(g, hn::Mul(hn::Set(d, step.l2), p));
  if constexpr (kShrink) p = hn::Mul(p, hn::Set(d, step.shrink));
  const auto m = hn::Add(hn::Mul(hn::LoadU(d, at.m + i), hn::Set(d, step.keep_m)),
                         hn::Mul(g, hn::Set(d, step.take_m)));
  const auto v = hn::Add(hn::Mul(hn::LoadU(d, at.v + i), hn::Set(d, step.keep_v)),
                         hn::Mul(hn::Mul(hn::Set(d, step.take_v), g), g));
  const auto root = hn::Sqrt(hn::Mul(v, hn::Set(d, step.v_scale)));
  const auto change =
      hn::Div(hn::Mul(m, hn::Set(d, step.rate)), hn::Add(root, hn::Set(d, step.epsilon)));
  hn::StoreU(hn::Sub(p, change), d, at.new_p + i);
  hn::StoreU(m, d, at.new_m + i);
  hn::StoreU(v, d, at.new_v + i);
  const auto finite = hn::Le(hn::Abs(raw), hn::Set(d, hwy::HighestValue<float>()));
  return hn::Lanes(d) - hn::CountTrue(d, finite);
}

template <bool kL2, bool kShrink>
HWY_INLINE int32_t update_all(const AdamPointers& at, size_t count, const AdamStep& step) {
  const Full d;
  size_t nonfinite = 0;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
    nonfinite += update_lanes<kL2, kShrink>(d, at, i, step);
  for (; i < count; ++i) nonfinite += update_lanes<kL2, kShrink>(One(), at, i, step);
  return static_cast<int32_t>(nonfinite);
}

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

// The scalars of the step in double, rounded once.
AdamStep step_of(const AdamUpdate& op, double learning_rate, std::int64_t completed_steps) {
  const double t = static_cast<double>(completed_steps) + 1;
  const double correction1 = 1 - std::pow(op.beta1, t);
  const double correction2 = 1 - std::pow(op.beta2, t);
  const bool tensorflow = op.form == AdamForm::tensorflow;
  const double rate = learning_rate * (tensorflow ? std::sqrt(correction2) : 1.0) / correction1;
  const double v_scale = tensorflow ? 1.0 : 1 / correction2;
  return {static_cast<float>(op.beta1),
          static_cast<float>(1 - op.beta1),
          static_cast<float>(op.beta2),
          static_cast<float>(1 - op.beta2),
          static_cast<float>(rate),
          static_cast<float>(v_scale),
          static_cast<float>(op.epsilon),
          static_cast<float>(op.l2),
          static_cast<float>(1 - learning_rate * op.decay)};
}

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
