// SPDX-License-Identifier: Apache-2.0
// Complex transforms of one length, per instruction set: every number is a vector of as many
// channels, so that no lane ever meets another. Stockham's form: each stage reads and writes in
// order, and there is no bit reversal.
#if defined(EVENKEEL_KERNELS_NATIVE_FFT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_FFT_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_FFT_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_FFT_INL_H_
#endif

#include "evenkeel/kernels/native/fft.h"
#include "evenkeel/kernels/native/spectrum-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Complex numbers one after the other, each a vector of real parts and one of imaginary ones.
struct Complexes {
  float* at;
  HWY_INLINE void load(size_t i, V& re, V& im) const {
    const Lanes d;
    re = hn::Load(d, at + 2 * i * hn::Lanes(d));
    im = hn::Load(d, at + (2 * i + 1) * hn::Lanes(d));
  }
  HWY_INLINE void store(size_t i, V re, V im) const {
    const Lanes d;
    hn::Store(re, d, at + 2 * i * hn::Lanes(d));
    hn::Store(im, d, at + (2 * i + 1) * hn::Lanes(d));
  }
};

// (re, im) exp(-i angle), stored; not turned where the angle is 0.
template <bool kTurned, class To>
HWY_INLINE void store_turned(const To& to, size_t i, V re, V im, const FftTable& t, size_t turn) {
  if constexpr (!kTurned) return to.store(i, re, im);
  const Lanes d;
  const V c = hn::Set(d, t.cos[turn]);
  const V s = hn::Set(d, t.sin[turn]);
  to.store(i, hn::MulAdd(im, s, hn::Mul(re, c)), hn::NegMulAdd(re, s, hn::Mul(im, c)));
}

// A stage's step of that many numbers `apart` from `from` on; results `s` apart from `to` on, the
// j-th turned by j `turn`.
struct Step {
  size_t from;
  size_t apart;
  size_t to;
  size_t s;
  size_t turn;
};

template <bool kTurned, class From, class To>
HWY_INLINE void butterfly_2(const From& from, const To& to, const FftTable& t, const Step& p) {
  V ar, ai, br, bi;
  from.load(p.from, ar, ai);
  from.load(p.from + p.apart, br, bi);
  to.store(p.to, hn::Add(ar, br), hn::Add(ai, bi));
  store_turned<kTurned>(to, p.to + p.s, hn::Sub(ar, br), hn::Sub(ai, bi), t, p.turn);
}

template <bool kTurned, class From, class To>
HWY_INLINE void butterfly_3(const From& from, const To& to, const FftTable& t, const Step& p) {
  const Lanes d;
  const V half = hn::Set(d, -0.5F);
  const V sine = hn::Set(d, 0.86602540378443864676F);  // of 2 pi / 3
  V ar, ai, br, bi, cr, ci;
  from.load(p.from, ar, ai);
  from.load(p.from + p.apart, br, bi);
  from.load(p.from + 2 * p.apart, cr, ci);
  const V sum_r = hn::Add(br, cr), sum_i = hn::Add(bi, ci);
  const V turned_r = hn::Mul(sine, hn::Sub(bi, ci)), turned_i = hn::Mul(sine, hn::Sub(cr, br));
  const V mid_r = hn::MulAdd(half, sum_r, ar), mid_i = hn::MulAdd(half, sum_i, ai);
  to.store(p.to, hn::Add(ar, sum_r), hn::Add(ai, sum_i));
  store_turned<kTurned>(to, p.to + p.s, hn::Add(mid_r, turned_r), hn::Add(mid_i, turned_i), t,
                        p.turn);
  store_turned<kTurned>(to, p.to + 2 * p.s, hn::Sub(mid_r, turned_r), hn::Sub(mid_i, turned_i), t,
                        2 * p.turn);
}

template <bool kTurned, class From, class To>
HWY_INLINE void butterfly_4(const From& from, const To& to, const FftTable& t, const Step& p) {
  V ar, ai, br, bi, cr, ci, dr, di;
  from.load(p.from, ar, ai);
  from.load(p.from + p.apart, br, bi);
  from.load(p.from + 2 * p.apart, cr, ci);
  from.load(p.from + 3 * p.apart, dr, di);
  const V even_r = hn::Add(ar, cr), even_i = hn::Add(ai, ci);
  const V odd_r = hn::Sub(ar, cr), odd_i = hn::Sub(ai, ci);
  const V sum_r = hn::Add(br, dr), sum_i = hn::Add(bi, di);
  const V gap_r = hn::Sub(br, dr), gap_i = hn::Sub(bi, di);
  to.store(p.to, hn::Add(even_r, sum_r), hn::Add(even_i, sum_i));
  store_turned<kTurned>(to, p.to + p.s, hn::Add(odd_r, gap_i), hn::Sub(odd_i, gap_r), t, p.turn);
  store_turned<kTurned>(to, p.to + 2 * p.s, hn::Sub(even_r, sum_r), hn::Sub(even_i, sum_i), t,
                        2 * p.turn);
  store_turned<kTurned>(to, p.to + 3 * p.s, hn::Sub(odd_r, gap_i), hn::Add(odd_i, gap_r), t,
                        3 * p.turn);
}

template <bool kTurned, class From, class To>
HWY_INLINE void butterfly_5(const From& from, const To& to, const FftTable& t, const Step& p) {
  const Lanes d;
  const V c1 = hn::Set(d, 0.30901699437494742410F);   // cos 2 pi / 5
  const V c2 = hn::Set(d, -0.80901699437494742410F);  // cos 4 pi / 5
  const V s1 = hn::Set(d, 0.95105651629515357212F);
  const V s2 = hn::Set(d, 0.58778525229247312917F);
  V ar, ai, br, bi, cr, ci, dr, di, er, ei;
  from.load(p.from, ar, ai);
  from.load(p.from + p.apart, br, bi);
  from.load(p.from + 2 * p.apart, cr, ci);
  from.load(p.from + 3 * p.apart, dr, di);
  from.load(p.from + 4 * p.apart, er, ei);
  const V be_r = hn::Add(br, er), be_i = hn::Add(bi, ei);
  const V cd_r = hn::Add(cr, dr), cd_i = hn::Add(ci, di);
  const V gap1_r = hn::Sub(br, er), gap1_i = hn::Sub(bi, ei);
  const V gap2_r = hn::Sub(cr, dr), gap2_i = hn::Sub(ci, di);
  const V m1_r = hn::MulAdd(c1, be_r, hn::MulAdd(c2, cd_r, ar));
  const V m1_i = hn::MulAdd(c1, be_i, hn::MulAdd(c2, cd_i, ai));
  const V m2_r = hn::MulAdd(c2, be_r, hn::MulAdd(c1, cd_r, ar));
  const V m2_i = hn::MulAdd(c2, be_i, hn::MulAdd(c1, cd_i, ai));
  // Times -i.
  const V n1_r = hn::MulAdd(s1, gap1_i, hn::Mul(s2, gap2_i));
  const V n1_i = hn::Neg(hn::MulAdd(s1, gap1_r, hn::Mul(s2, gap2_r)));
  const V n2_r = hn::NegMulAdd(s1, gap2_i, hn::Mul(s2, gap1_i));
  const V n2_i = hn::NegMulAdd(s2, gap1_r, hn::Mul(s1, gap2_r));
  to.store(p.to, hn::Add(ar, hn::Add(be_r, cd_r)), hn::Add(ai, hn::Add(be_i, cd_i)));
  store_turned<kTurned>(to, p.to + p.s, hn::Add(m1_r, n1_r), hn::Add(m1_i, n1_i), t, p.turn);
  store_turned<kTurned>(to, p.to + 2 * p.s, hn::Add(m2_r, n2_r), hn::Add(m2_i, n2_i), t,
                        2 * p.turn);
  store_turned<kTurned>(to, p.to + 3 * p.s, hn::Sub(m2_r, n2_r), hn::Sub(m2_i, n2_i), t,
                        3 * p.turn);
  store_turned<kTurned>(to, p.to + 4 * p.s, hn::Sub(m1_r, n1_r), hn::Sub(m1_i, n1_i), t,
                        4 * p.turn);
}

template <size_t kRadix, bool kTurned, class From, class To>
HWY_INLINE void butterfly(const From& from, const To& to, const FftTable& t, const Step& p) {
  if constexpr (kRadix == 2) butterfly_2<kTurned>(from, to, t, p);
  if constexpr (kRadix == 3) butterfly_3<kTurned>(from, to, t, p);
  if constexpr (kRadix == 4) butterfly_4<kTurned>(from, to, t, p);
  if constexpr (kRadix == 5) butterfly_5<kTurned>(from, to, t, p);
}

// One stage of a transform of t.length: sub-transforms of length radix m, `s` of them side by side.
// Not inlined: with sanitizers the compiler would take minutes.
template <size_t kRadix, class From, class To>
HWY_NOINLINE void stage_of(const From& from, const To& to, const FftTable& t, size_t s) {
  const size_t m = t.length / (kRadix * s);
  for (size_t q = 0; q < s; ++q) butterfly<kRadix, false>(from, to, t, {q, s * m, q, s, 0});
  for (size_t p = 1; p < m; ++p)
    for (size_t q = 0; q < s; ++q)
      butterfly<kRadix, true>(from, to, t, {q + s * p, s * m, q + s * kRadix * p, s, p * s});
}

template <class From, class To>
HWY_INLINE void stage(const From& from, const To& to, const FftTable& t, size_t radix, size_t s) {
  switch (radix) {
    case 2:
      return stage_of<2>(from, to, t, s);
    case 3:
      return stage_of<3>(from, to, t, s);
    case 4:
      return stage_of<4>(from, to, t, s);
    default:
      return stage_of<5>(from, to, t, s);
  }
}

// Floats of scratch that a transform of length n takes, aligned.
HWY_INLINE size_t fft_scratch(size_t n) { return 4 * n * hn::Lanes(Lanes()); }

// `to` = the transform of `from`, both of t.length complex numbers and apart from each other.
template <class From, class To>
HWY_NOINLINE void fft(const From& from, const To& to, const FftTable& t, float* scratch) {
  Complexes here = {scratch};
  Complexes there = {scratch + fft_scratch(t.length) / 2};
  size_t s = t.factors[0];
  stage(from, here, t, s, 1);
  for (size_t i = 1; i + 1 < t.factors.size(); ++i) {
    stage(here, there, t, t.factors[i], s);
    s *= t.factors[i];
    const Complexes other = here;
    here = there;
    there = other;
  }
  stage(here, to, t, t.factors.back(), s);
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
