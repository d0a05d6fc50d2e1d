// SPDX-License-Identifier: Apache-2.0
// Loops over elements, per instruction set: a functor f(d, a), f(d, a, b) or f(d, a, b, c) on whole
// vectors, then on single lanes. f rounds each operation by itself (Mul and Add, never MulAdd), so
// that every instruction set and every cut gives the same bytes. y may be x or b.
#if defined(EVENKEEL_KERNELS_NATIVE_MAP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_MAP_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_MAP_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_MAP_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Full = hn::ScalableTag<float>;
using One = hn::CappedTag<float, 1>;

struct Sum2 {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    return hn::Add(a, b);
  }
};

struct Product2 {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    return hn::Mul(a, b);
  }
};

struct ScaleBy {
  float factor;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a) const {
    return hn::Mul(a, hn::Set(d, factor));
  }
};

struct Rectify {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), x);  // NaN <= 0 is false: NaN stays
  }
};

struct RectifyGrad {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V dy, V y) const {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), dy);
  }
};

// y[i] = f(x[i]).
template <class F>
HWY_INLINE void map1(const float* x, float* y, size_t count, F f) {
  const Full d;
  const One one;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
    hn::StoreU(f(d, hn::LoadU(d, x + i)), d, y + i);
  for (; i < count; ++i) hn::StoreU(f(one, hn::LoadU(one, x + i)), one, y + i);
}

// y[i] = f(a[i], b[i]).
template <class F>
HWY_INLINE void map2(const float* a, const float* b, float* y, size_t count, F f) {
  const Full d;
  const One one;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
    hn::StoreU(f(d, hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, y + i);
  for (; i < count; ++i)
    hn::StoreU(f(one, hn::LoadU(one, a + i), hn::LoadU(one, b + i)), one, y + i);
}

// y[i] = f(a[i], b[i], c[i]).
template <class F>
HWY_INLINE void map3(const float* a, const float* b, const float* c, float* y, size_t count, F f) {
  const Full d;
  const One one;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
    hn::StoreU(f(d, hn::LoadU(d, a + i), hn::LoadU(d, b + i), hn::LoadU(d, c + i)), d, y + i);
  for (; i < count; ++i)
    hn::StoreU(f(one, hn::LoadU(one, a + i), hn::LoadU(one, b + i), hn::LoadU(one, c + i)), one,
               y + i);
}

// y[i] = f(x[i], v[i % period]) for i in [begin, end). A short v is first repeated, so that vectors
// do not end at each row.
template <class F>
HWY_INLINE void map_periodic(const float* x, const float* v, size_t period, float* y, size_t begin,
                             size_t end, F f) {
  constexpr size_t kTile = 512;
  float tile[kTile];
  size_t phase = begin % period;
  if (period <= kTile / 2) {
    const size_t whole = kTile / period * period;
    for (size_t i = 0, c = 0; i < whole; ++i) {
      tile[i] = v[c];
      c = c + 1 == period ? 0 : c + 1;
    }
    v = tile;
    period = whole;
  }
  while (begin < end) {
    const size_t count = HWY_MIN(period - phase, end - begin);
    map2(x + begin, v + phase, y + begin, count, f);
    begin += count;
    phase = 0;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_MAP_INL_H_
