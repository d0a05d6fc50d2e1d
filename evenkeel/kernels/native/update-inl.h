// SPDX-License-Identifier: Apache-2.0
// The loop of an update rule, per instruction set: f(d, i) updates the lanes from i on, rounding
// each operation by itself, and returns their gradients.
#if defined(EVENKEEL_KERNELS_NATIVE_UPDATE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_UPDATE_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_UPDATE_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_UPDATE_INL_H_
#endif

#include "evenkeel/kernels/native/map-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D, class V>
HWY_INLINE size_t count_nonfinite(D d, V g) {
  const auto finite = hn::Le(hn::Abs(g), hn::Set(d, hwy::HighestValue<float>()));
  return hn::Lanes(d) - hn::CountTrue(d, finite);
}

// Returns how many of the gradients are not finite.
template <class F>
HWY_INLINE int32_t update_elements(size_t count, const F& f) {
  const Full d;
  size_t nonfinite = 0;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) nonfinite += count_nonfinite(d, f(d, i));
  for (; i < count; ++i) nonfinite += count_nonfinite(One(), f(One(), i));
  return static_cast<int32_t>(nonfinite);
}

// g + l2 p, or g alone.
template <bool kL2, class D, class V>
HWY_INLINE V with_l2(D d, V g, V p, float l2) {
  if constexpr (kL2)
    return hn::Add(g, hn::Mul(hn::Set(d, l2), p));
  else
    return g;
}

// p - rate step.
template <class D, class V>
HWY_INLINE void store_stepped(D d, V p, V step, float rate, float* new_p) {
  hn::StoreU(hn::Sub(p, hn::Mul(hn::Set(d, rate), step)), d, new_p);
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_UPDATE_INL_H_
