// SPDX-License-Identifier: Apache-2.0
// exp, sigmoid and tanh on vectors of floats, per instruction set: Highway's own contrib/math uses
// fused multiply-adds where there are any, so its bytes differ between instruction sets.
// Polynomials of Cephes (Moshier: expf, tanhf). Within 8 half units in the last place (2^-24 of the
// value) of the exact value; below 1.2e-38 the result may be 0.
#if defined(EVENKEEL_KERNELS_NATIVE_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_EXP_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_EXP_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_EXP_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// p x + c.
template <class D, class V>
HWY_INLINE V horner(D d, V p, V x, float c) {
  return hn::Add(hn::Mul(p, x), hn::Set(d, c));
}

// exp(x) for x in [-87.33, 88]; whatever for others.
template <class D, class V>
HWY_INLINE V exp_in_range(D d, V x) {
  const hn::Rebind<int32_t, D> di;
  // x = n log 2 + r with |r| <= log(2) / 2. Adding 1.5 2^23 rounds to an integer; the first part of
  // log 2 has few bits, so that n times it is exact.
  const auto magic = hn::Set(d, 12582912.0F);
  const auto n = hn::Sub(hn::Add(hn::Mul(x, hn::Set(d, 1.44269504088896341F)), magic), magic);
  auto r = hn::Sub(x, hn::Mul(n, hn::Set(d, 0.693359375F)));
  r = hn::Add(r, hn::Mul(n, hn::Set(d, 2.12194440e-4F)));
  auto p = hn::Set(d, 1.9875691500e-4F);
  p = horner(d, p, r, 1.3981999507e-3F);
  p = horner(d, p, r, 8.3334519073e-3F);
  p = horner(d, p, r, 4.1665795894e-2F);
  p = horner(d, p, r, 1.6666665459e-1F);
  p = horner(d, p, r, 5.0000001201e-1F);
  p = hn::Add(hn::Add(hn::Mul(hn::Mul(p, r), r), r), hn::Set(d, 1.0F));
  const auto exponent = hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127));
  return hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<23>(exponent)));
}

// x, or `limit` where x is larger or NaN.
template <class D, class V>
HWY_INLINE V at_most(D d, V x, float limit) {
  const auto most = hn::Set(d, limit);
  return hn::IfThenElse(hn::Lt(x, most), x, most);
}

// 1 / (1 + exp(-x)): by e = exp(-|x|), which does not overflow.
struct SigmoidOf {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    constexpr float kLimit = 87.33F;  // exp(-87.34) is below the smallest normal float
    const auto one = hn::Set(d, 1.0F);
    const auto size = hn::Abs(x);
    const auto within = hn::Lt(size, hn::Set(d, kLimit));
    const auto e = hn::IfThenElseZero(within, exp_in_range(d, hn::Neg(at_most(d, size, kLimit))));
    const auto y = hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
    return hn::IfThenElse(hn::Eq(x, x), y, x);
  }
};

// Near 0 an odd polynomial, else 1 - 2 / (exp(2 |x|) + 1) with x's sign.
struct TanhOf {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const auto one = hn::Set(d, 1.0F);
    const auto size = hn::Abs(x);
    const auto z = hn::Mul(x, x);
    auto p = hn::Set(d, -5.70498872745e-3F);
    p = horner(d, p, z, 2.06390887954e-2F);
    p = horner(d, p, z, -5.37397155531e-2F);
    p = horner(d, p, z, 1.33314422036e-1F);
    p = horner(d, p, z, -3.33332819422e-1F);
    const auto near = hn::Add(hn::Mul(hn::Mul(p, z), x), x);
    // tanh(10) is 1 to the last bit.
    const auto twice = hn::Mul(at_most(d, size, 10.0F), hn::Set(d, 2.0F));
    const auto e = exp_in_range(d, twice);
    const auto far = hn::Sub(one, hn::Div(hn::Set(d, 2.0F), hn::Add(e, one)));
    const auto y = hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.625F)), near, far);
    return hn::IfThenElse(hn::Eq(x, x), hn::CopySign(y, x), x);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_EXP_INL_H_
