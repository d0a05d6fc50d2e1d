// SPDX-License-Identifier: Apache-2.0
// What transforms of images are made of, per instruction set. Two rows are one complex row whose
// spectrum falls apart into theirs; of the n/2 + 1 columns that then matter the first and the last
// are real, and share a transform.
#if defined(EVENKEEL_KERNELS_NATIVE_FFT2D_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_FFT2D_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_FFT2D_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_FFT2D_INL_H_
#endif

#include "evenkeel/kernels/native/fft-inl.h"
#include "evenkeel/kernels/native/spectrum-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Complex numbers `stride` apart.
struct Column {
  Complexes of;
  size_t first;
  size_t stride;
  HWY_INLINE void load(size_t i, V& re, V& im) const { of.load(first + stride * i, re, im); }
  HWY_INLINE void store(size_t i, V re, V im) const { of.store(first + stride * i, re, im); }
};

// A transform of what is read and written with real and imaginary parts exchanged is the inverse.
template <class Of>
struct Exchanged {
  Of of;
  HWY_INLINE void load(size_t i, V& re, V& im) const { of.load(i, im, re); }
  HWY_INLINE void store(size_t i, V re, V im) const { of.store(i, im, re); }
};

// The half spectra of two real rows from that of the complex row made of them: rows h and h + 1 of
// the columns, where column 0 holds the frequencies 0 and n/2, both real.
HWY_INLINE void part_rows(const Complexes& row, const Complexes& columns, size_t h, size_t n) {
  const Lanes d;
  const V half = hn::Set(d, 0.5F);
  V ar, ai, br, bi;
  row.load(0, ar, ai);
  row.load(n / 2, br, bi);
  columns.store(h, ar, br);
  if (h + 1 < n) columns.store(h + 1, ai, bi);
  for (size_t v = 1; v < n / 2; ++v) {
    row.load(v, ar, ai);
    row.load(n - v, br, bi);
    columns.store(v * n + h, hn::Mul(half, hn::Add(ar, br)), hn::Mul(half, hn::Sub(ai, bi)));
    if (h + 1 < n)
      columns.store(v * n + h + 1, hn::Mul(half, hn::Add(ai, bi)), hn::Mul(half, hn::Sub(br, ar)));
  }
}

// Back: the complex row whose inverse transform has rows h and h + 1 as its parts.
HWY_INLINE void join_rows(const Complexes& columns, const Complexes& row, size_t h, size_t n) {
  const Lanes d;
  const bool second = h + 1 < n;
  V ar, ai, br = hn::Zero(d), bi = hn::Zero(d);
  columns.load(h, ar, ai);
  if (second) columns.load(h + 1, br, bi);
  row.store(0, ar, br);
  row.store(n / 2, ai, bi);
  for (size_t v = 1; v < n / 2; ++v) {
    columns.load(v * n + h, ar, ai);
    if (second) columns.load(v * n + h + 1, br, bi);
    row.store(v, hn::Sub(ar, bi), hn::Add(ai, br));
    row.store(n - v, hn::Add(ar, bi), hn::Sub(br, ai));
  }
}

// Floats of scratch for both directions: the columns, a row, and what a transform takes.
HWY_INLINE size_t fft2d_scratch(size_t n) {
  return (n * n + 2 * n) * hn::Lanes(Lanes()) + fft_scratch(n);
}

struct FieldScratch {
  FieldScratch(float* scratch, size_t n)
      : columns{scratch},
        row{scratch + n * n * hn::Lanes(Lanes())},
        fft(scratch + (n * n + 2 * n) * hn::Lanes(Lanes())) {}
  Complexes columns;  // n/2 of them, each n numbers
  Complexes row;
  float* fft;
};

// Rows [first, end) of all columns become zeros.
HWY_INLINE void clear_rows(const Complexes& columns, size_t first, size_t end, size_t n) {
  const Lanes d;
  for (size_t v = 0; v < n / 2; ++v)
    for (size_t h = first; h < end; ++h) columns.store(v * n + h, hn::Zero(d), hn::Zero(d));
}

// The channels of a spectrum [F,2,C] that begin at Z; what follows them is `next` floats on.
template <typename T>
struct SpectrumPart {
  T* Z;
  size_t C;
  size_t channels;
  size_t next;
  HWY_INLINE Frequencies<T> from(size_t first) const { return {Z, C, channels, first, next}; }
};

// Columns of rows' half spectra -> the spectrum.
HWY_INLINE void columns_to_spectrum(const FftTable& t, const FieldScratch& s,
                                    const SpectrumPart<float>& to) {
  const size_t n = t.length;
  const size_t half = n / 2 + 1;
  for (size_t v = 1; v < n / 2; ++v)
    fft(Column{s.columns, v * n, 1}, to.from(2 * half + (v - 1) * n), t, s.fft);
  // Both real columns at once.
  fft(Column{s.columns, 0, 1}, s.row, t, s.fft);
  const Lanes d;
  const V by = hn::Set(d, 0.5F);
  const Frequencies<float> zero = to.from(0);
  for (size_t u = 0; u < half; ++u) {
    V ar, ai, br, bi;
    s.row.load(u, ar, ai);
    s.row.load((n - u) % n, br, bi);
    zero.store(u, hn::Mul(by, hn::Add(ar, br)), hn::Mul(by, hn::Sub(ai, bi)));
    zero.store(half + u, hn::Mul(by, hn::Add(ai, bi)), hn::Mul(by, hn::Sub(br, ar)));
  }
}

// Back, to what join_rows() takes.
HWY_INLINE void spectrum_to_columns(const FftTable& t, const SpectrumPart<const float>& from,
                                    const FieldScratch& s) {
  const size_t n = t.length;
  const size_t half = n / 2 + 1;
  using In = Frequencies<const float>;
  for (size_t v = 1; v < n / 2; ++v)
    fft(Exchanged<In>{from.from(2 * half + (v - 1) * n)}, Exchanged<Column>{{s.columns, v * n, 1}},
        t, s.fft);
  const In zero = from.from(0);
  for (size_t u = 0; u < half; ++u) {
    V ar, ai, br, bi;
    zero.load(u, ar, ai);
    zero.load(half + u, br, bi);
    s.row.store(u, hn::Sub(ar, bi), hn::Add(ai, br));
    if (u > 0 && u < n / 2) s.row.store(n - u, hn::Add(ar, bi), hn::Sub(br, ai));
  }
  fft(Exchanged<Complexes>{s.row}, Exchanged<Column>{{s.columns, 0, 1}}, t, s.fft);
}

// Two rows of pixels as the real and imaginary parts of one; zeros around them, and for a second
// row that is not there.
struct TwoRows {
  const float* first;
  const float* second;
  const Field& field;
  size_t channels;
  size_t next;
  HWY_INLINE void load(size_t w, V& re, V& im) const {
    const Lanes d;
    re = im = hn::Zero(d);
    if (w < field.left || w >= field.left + field.W) return;
    const size_t at = (w - field.left) * field.C;
    hwy::Prefetch(first + at + next);
    re = load_some(first + at, channels);
    if (second == nullptr) return;
    hwy::Prefetch(second + at + next);
    im = load_some(second + at, channels);
  }
};

// The same of the result, which comes with its parts exchanged, as an inverse transform's do; or
// of what is added to it.
template <bool kAdds>
struct TwoRowsOut {
  float* first;
  float* second;
  const Field& field;
  size_t channels;
  size_t next;
  float scale;
  HWY_INLINE void store(size_t w, V im, V re) const {
    if (w < field.left || w >= field.left + field.W) return;
    const size_t at = (w - field.left) * field.C;
    hwy::Prefetch(first + at + next);
    put(re, first + at);
    if (second == nullptr) return;
    hwy::Prefetch(second + at + next);
    put(im, second + at);
  }

 private:
  HWY_INLINE void put(V x, float* to) const {
    const Lanes d;
    x = hn::Mul(x, hn::Set(d, scale));
    if (kAdds) x = hn::Add(load_some(to, channels), x);
    store_some(x, to, channels);
  }
};

// The channels of pixels [H,W,C], a row every `row` floats, -> [F,2,C]. Rows of the field without
// pixels must be zeros in the columns.
HWY_INLINE void pixels_to_spectrum(const FftTable& t, const Field& x, const float* pixels,
                                   size_t row, float* Z, size_t channels, const Next& next,
                                   const FieldScratch& s) {
  for (size_t h = 0; h < x.H; h += 2, pixels += 2 * row) {
    const TwoRows rows = {pixels, h + 1 < x.H ? pixels + row : nullptr, x, channels, next.pixels};
    fft(rows, s.row, t, s.fft);
    part_rows(s.row, s.columns, x.top + h, t.length);
  }
  columns_to_spectrum(t, s, {Z, x.C, channels, next.spectra});
}

// Back.
template <bool kAdds>
HWY_INLINE void spectrum_to_pixels(const FftTable& t, const Field& y, const float* Z, float* pixels,
                                   size_t row, size_t channels, const Next& next,
                                   const FieldScratch& s) {
  const size_t n = t.length;
  spectrum_to_columns(t, {Z, y.C, channels, next.spectra}, s);
  const float scale = 1.0F / static_cast<float>(n * n);
  for (size_t h = 0; h < y.H; h += 2, pixels += 2 * row) {
    join_rows(s.columns, s.row, y.top + h, n);
    const TwoRowsOut<kAdds> rows = {
        pixels, h + 1 < y.H ? pixels + row : nullptr, y, channels, next.pixels, scale};
    fft(Exchanged<Complexes>{s.row}, rows, t, s.fft);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
