// SPDX-License-Identifier: Apache-2.0
// The maximum of a window and where it is, per instruction set.
#if defined(EVENKEEL_KERNELS_NATIVE_MAX_POOL2D_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_MAX_POOL2D_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_MAX_POOL2D_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_MAX_POOL2D_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Takes x where it is larger than best or the first NaN.
template <class D, class V, class I>
HWY_INLINE void take_larger(D, V x, int32_t position, V& best, I& index) {
  const hn::Rebind<int32_t, D> di;
  const auto larger = hn::AndNot(hn::Le(x, best), hn::Eq(best, best));
  best = hn::IfThenElse(larger, x, best);
  index = hn::IfThenElse(hn::RebindMask(di, larger), hn::Set(di, position), index);
}

template <class D, class V>
HWY_INLINE V rectified(D d, V x) {
  return hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), x);  // NaN stays
}

template <class D, class V, class I>
HWY_INLINE void store_window(D d, V best, I index, float* y, uint8_t* argmax) {
  const hn::Rebind<uint8_t, D> du8;
  const hn::Rebind<uint32_t, D> du32;
  hn::StoreU(best, d, y);
  hn::StoreU(hn::TruncateTo(du8, hn::BitCast(du32, index)), du8, argmax);
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
