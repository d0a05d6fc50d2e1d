// SPDX-License-Identifier: Apache-2.0
// base/random.h's philox on vectors, per instruction set: one counter a lane.
#if defined(EVENKEEL_KERNELS_NATIVE_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_PHILOX_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_PHILOX_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_PHILOX_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The upper halves of the products of 32-bit lanes.
template <class D, class V>
HWY_INLINE V multiply_high(D d, V a, V b) {
  const hn::RepartitionToWide<D> wide;
  const auto even = hn::MulEven(a, b);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))), b);
  return hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
}

// c0..c3: the counters' words, and then the results'.
template <class D, class V>
HWY_INLINE void philox_lanes(D d, V& c0, V& c1, V& c2, V& c3, uint32_t key0, uint32_t key1) {
  const auto m0 = hn::Set(d, 0xD2511F53U);
  const auto m1 = hn::Set(d, 0xCD9E8D57U);
  for (int round = 0; round < 10; ++round) {
    const auto high0 = multiply_high(d, c0, m0);
    const auto high1 = multiply_high(d, c2, m1);
    const auto low0 = hn::Mul(c0, m0);
    const auto low1 = hn::Mul(c2, m1);
    c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, key0));
    c1 = low1;
    c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, key1));
    c3 = low0;
    key0 += 0x9E3779B9U;
    key1 += 0xBB67AE85U;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_PHILOX_INL_H_
