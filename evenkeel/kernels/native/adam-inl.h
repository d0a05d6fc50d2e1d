// SPDX-License-Identifier: Apache-2.0
// Adam on some numbers in a row, per instruction set.
#if defined(EVENKEEL_KERNELS_NATIVE_ADAM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_ADAM_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_ADAM_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_ADAM_INL_H_
#endif

#include "evenkeel/kernels/native/adam.h"
#include "evenkeel/kernels/native/map-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_ADAM_INL_H_
