// SPDX-License-Identifier: Apache-2.0
// Images and their spectra. Two rows are one complex row whose spectrum falls apart into theirs; of
// the n/2 + 1 columns that then matter the first and the last are real, and share a transform.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/fft.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/fft2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/fft-inl.h"
#include "evenkeel/kernels/native/spectrum-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

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

// The same of the result, which comes with its parts exchanged, as an inverse transform's do.
struct TwoRowsOut {
  float* first;
  float* second;
  const Field& field;
  size_t channels;
  size_t next;
  float scale;
  HWY_INLINE void store(size_t w, V im, V re) const {
    const Lanes d;
    if (w < field.left || w >= field.left + field.W) return;
    const size_t at = (w - field.left) * field.C;
    hwy::Prefetch(first + at + next);
    store_some(hn::Mul(re, hn::Set(d, scale)), first + at, channels);
    if (second == nullptr) return;
    hwy::Prefetch(second + at + next);
    store_some(hn::Mul(im, hn::Set(d, scale)), second + at, channels);
  }
};

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
size_t fft2d_scratch(size_t n) { return (n * n + 2 * n) * hn::Lanes(Lanes()) + fft_scratch(n); }

struct Scratch {
  Scratch(float* scratch, size_t n)
      : columns{scratch},
        row{scratch + n * n * hn::Lanes(Lanes())},
        fft(scratch + (n * n + 2 * n) * hn::Lanes(Lanes())) {}
  Complexes columns;  // n/2 of them, each n numbers
  Complexes row;
  float* fft;
};

// The channels of x: [H,W,C] -> [F,2,C].
void forward(const FftTable& t, const Field& x, const float* pixels, float* Z, size_t channels,
             const Next& next, const Scratch& s) {
  const size_t n = t.length;
  for (size_t h = 0; h < x.H; h += 2) {
    const float* first = pixels + h * x.W * x.C;
    const TwoRows rows = {first, h + 1 < x.H ? first + x.W * x.C : nullptr, x, channels,
                          next.pixels};
    fft(rows, s.row, t, s.fft);
    part_rows(s.row, s.columns, x.top + h, n);
  }
  const size_t half = n / 2 + 1;
  for (size_t v = 1; v < n / 2; ++v)
    fft(Column{s.columns, v * n, 1},
        Frequencies<float>{Z, x.C, channels, 2 * half + (v - 1) * n, next.spectra}, t, s.fft);
  // Both real columns at once.
  fft(Column{s.columns, 0, 1}, s.row, t, s.fft);
  const Lanes d;
  const V by = hn::Set(d, 0.5F);
  for (size_t u = 0; u < half; ++u) {
    V ar, ai, br, bi;
    s.row.load(u, ar, ai);
    s.row.load((n - u) % n, br, bi);
    const Frequencies<float> zero = {Z, x.C, channels, 0, next.spectra};
    zero.store(u, hn::Mul(by, hn::Add(ar, br)), hn::Mul(by, hn::Sub(ai, bi)));
    zero.store(half + u, hn::Mul(by, hn::Add(ai, bi)), hn::Mul(by, hn::Sub(br, ar)));
  }
}

// The channels of [F,2,C] -> y: [P,Q,C].
void inverse(const FftTable& t, const Field& y, const float* Z, float* pixels, size_t channels,
             const Next& next, const Scratch& s) {
  const size_t n = t.length;
  const size_t half = n / 2 + 1;
  using In = Frequencies<const float>;
  for (size_t v = 1; v < n / 2; ++v)
    fft(Exchanged<In>{{Z, y.C, channels, 2 * half + (v - 1) * n, next.spectra}},
        Exchanged<Column>{{s.columns, v * n, 1}}, t, s.fft);
  const In zero = {Z, y.C, channels, 0, next.spectra};
  for (size_t u = 0; u < half; ++u) {
    V ar, ai, br, bi;
    zero.load(u, ar, ai);
    zero.load(half + u, br, bi);
    s.row.store(u, hn::Sub(ar, bi), hn::Add(ai, br));
    if (u > 0 && u < n / 2) s.row.store(n - u, hn::Add(ar, bi), hn::Sub(br, ai));
  }
  fft(Exchanged<Complexes>{s.row}, Exchanged<Column>{{s.columns, 0, 1}}, t, s.fft);
  const float scale = 1.0F / static_cast<float>(n * n);
  for (size_t h = 0; h < y.H; h += 2) {
    join_rows(s.columns, s.row, y.top + h, n);
    float* first = pixels + h * y.W * y.C;
    fft(Exchanged<Complexes>{s.row},
        TwoRowsOut{first, h + 1 < y.H ? first + y.W * y.C : nullptr, y, channels, next.pixels,
                   scale},
        t, s.fft);
  }
}

// x: [N,H,W,C] -> Z: [N,F,2,C], of the channels [begin, end).
void fft2d_f32(const FftTable& t, const Field& x, const float* pixels, float* Z, size_t N,
               size_t begin, size_t end, float* scratch) {
  const Scratch s(scratch, t.length);
  const Lanes d;
  const size_t F = t.length * t.length / 2 + 2;
  // Rows without pixels are zeros in every image.
  for (size_t i = 0; i < t.length * t.length; ++i)
    hn::Store(hn::Zero(d), d, scratch + i * hn::Lanes(d));
  for (size_t n = 0; n < N; ++n)
    for (size_t c = begin; c < end; c += hn::Lanes(d))
      forward(t, x, pixels + n * x.H * x.W * x.C + c, Z + n * F * 2 * x.C + c, end - c,
              next_of(x, F, c, begin, end), s);
}

// Z: [N,F,2,C] -> y: [N,P,Q,C], of the channels [begin, end).
void inverse_fft2d_f32(const FftTable& t, const Field& y, const float* Z, float* pixels, size_t N,
                       size_t begin, size_t end, float* scratch) {
  const Scratch s(scratch, t.length);
  const size_t F = t.length * t.length / 2 + 2;
  for (size_t n = 0; n < N; ++n)
    for (size_t c = begin; c < end; c += hn::Lanes(Lanes()))
      inverse(t, y, Z + n * F * 2 * y.C + c, pixels + n * y.H * y.W * y.C + c, end - c,
              next_of(y, F, c, begin, end), s);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(fft2d_f32);
HWY_EXPORT(inverse_fft2d_f32);
HWY_EXPORT(fft2d_scratch);

std::size_t scratch_of(std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(fft2d_scratch)(static_cast<std::size_t>(n)) * sizeof(float);
}

// What both directions have in common; the last axis of both operands is the channels.
template <typename OpType>
struct Fft2dBase : ChannelKernel {
  using Op = OpType;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return all_f32(call) && FftTable::supports(std::get<Op>(call.op).size);
  }
  static std::size_t scratch_bytes(const Call& call) {
    return scratch_of(std::get<Op>(call.op).size);
  }
  Fft2dBase(const Call& call, const ValueType& pixels)
      : ChannelKernel(call),
        table(std::get<Op>(call.op).size),
        field(field_of(pixels.shape, std::get<Op>(call.op).place)),
        samples(static_cast<std::size_t>(pixels.shape[0])) {}
  FftTable table;
  Field field;
  std::size_t samples;
};

struct Fft2dKernel : Fft2dBase<Fft2d> {
  static constexpr std::string_view name = "native/fft2d";
  explicit Fft2dKernel(const Call& call) : Fft2dBase(call, call.inputs[0]) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(fft2d_f32)
    (table, field, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

struct InverseFft2dKernel : Fft2dBase<InverseFft2d> {
  static constexpr std::string_view name = "native/inverse_fft2d";
  explicit InverseFft2dKernel(const Call& call) : Fft2dBase(call, call.outputs[0]) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(inverse_fft2d_f32)
    (table, field, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

}  // namespace

KernelEntry fft2d() { return entry_of<Fft2dKernel>(); }
KernelEntry inverse_fft2d() { return entry_of<InverseFft2dKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
