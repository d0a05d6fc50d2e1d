// SPDX-License-Identifier: Apache-2.0
// Spectra of images of few pixels, as a convolution's kernel is, and back: the sums themselves are
// less work than the transforms of a field that is nearly all zeros.
#include "evenkeel/kernels/native/small_fft2d.h"

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/small_fft2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/spectrum-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE V at(const float* vectors, size_t i) {
  const Lanes d;
  return hn::Load(d, vectors + i * hn::Lanes(d));
}
HWY_INLINE void put(V v, float* vectors, size_t i) {
  const Lanes d;
  hn::Store(v, d, vectors + i * hn::Lanes(d));
}

// Vectors of scratch: a transform of all rows or columns, and what is made of one column.
size_t small_fft2d_scratch(size_t n) {
  return ((n / 2 + 1) * 2 * kMostPixels + 2 * n) * hn::Lanes(Lanes());
}

// The rows' spectra: T[v][r] for v up to n/2, a complex number each.
void transform_rows(const SmallField& t, const float* pixels, size_t channels, float* T) {
  const Lanes d;
  const Field& x = t.field;
  for (size_t r = 0; r < x.H; ++r)
    for (size_t v = 0; v <= t.n / 2; ++v) {
      V re = hn::Zero(d), im = re;
      for (size_t s = 0; s < x.W; ++s) {
        const V pixel = load_some(pixels + (r * x.W + s) * x.C, channels);
        re = hn::MulAdd(pixel, hn::Set(d, t.columns.cos[v * x.W + s]), re);
        im = hn::NegMulAdd(pixel, hn::Set(d, t.columns.sin[v * x.W + s]), im);
      }
      put(re, T, 2 * (v * x.H + r));
      put(im, T, 2 * (v * x.H + r) + 1);
    }
}

// The spectrum of a column of them; frequencies u and n - u have the same four sums.
HWY_INLINE void transform_column(const SmallField& t, const float* column, bool real,
                                 const Frequencies<float>& to) {
  const Lanes d;
  const size_t H = t.field.H;
  for (size_t u = 0; u <= t.n / 2; ++u) {
    V re_cos = hn::Zero(d), re_sin = re_cos, im_cos = re_cos, im_sin = re_cos;
    for (size_t r = 0; r < H; ++r) {
      const V re = at(column, 2 * r), im = at(column, 2 * r + 1);
      const V c = hn::Set(d, t.rows.cos[u * H + r]), s = hn::Set(d, t.rows.sin[u * H + r]);
      re_cos = hn::MulAdd(re, c, re_cos);
      re_sin = hn::MulAdd(re, s, re_sin);
      im_cos = hn::MulAdd(im, c, im_cos);
      im_sin = hn::MulAdd(im, s, im_sin);
    }
    to.store(u, hn::Add(re_cos, im_sin), hn::Sub(im_cos, re_sin));
    if (!real && u > 0 && u < t.n / 2)
      to.store(t.n - u, hn::Sub(re_cos, im_sin), hn::Add(im_cos, re_sin));
  }
}

// Where the frequencies of column v begin: those of 0 and n/2, which are real, come first.
HWY_INLINE size_t first_of(size_t n, size_t v) {
  const size_t half = n / 2 + 1;
  return v == 0 ? 0 : v == n / 2 ? half : 2 * half + (v - 1) * n;
}

// x: [N,H,W,C] -> Z: [N,F,2,C], of the channels [begin, end).
void small_fft2d_f32(const SmallField& t, const float* pixels, float* Z, size_t N, size_t begin,
                     size_t end, float* T) {
  const Field& x = t.field;
  const size_t F = t.n * t.n / 2 + 2;
  for (size_t n = 0; n < N; ++n)
    for (size_t c = begin; c < end; c += hn::Lanes(Lanes())) {
      transform_rows(t, pixels + n * x.H * x.W * x.C + c, end - c, T);
      const size_t next = next_of(x, F, c, begin, end).spectra;
      for (size_t v = 0; v <= t.n / 2; ++v)
        transform_column(t, T + 2 * v * x.H * hn::Lanes(Lanes()), v == 0 || v == t.n / 2,
                         {Z + n * F * 2 * x.C + c, x.C, end - c, first_of(t.n, v), next});
    }
}

// Of a column's frequencies u and n - u, 0 < u < n/2, what both parts of its rows are sums of: re
// of their sum, im of their difference, im of the sum, re of the difference. A real column has the
// conjugate at n - u.
HWY_INLINE void fold_column(size_t n, const Frequencies<const float>& from, bool real,
                            float* folded) {
  for (size_t u = 1; u < n / 2; ++u) {
    V ar, ai, br, bi;
    from.load(u, ar, ai);
    if (real) {
      br = ar;
      bi = hn::Neg(ai);
    } else {
      from.load(n - u, br, bi);
    }
    put(hn::Add(ar, br), folded, 4 * u);
    put(hn::Sub(ai, bi), folded, 4 * u + 1);
    put(hn::Add(ai, bi), folded, 4 * u + 2);
    put(hn::Sub(ar, br), folded, 4 * u + 3);
  }
}

// A column of the rows' spectra, T[r], from its frequencies.
HWY_INLINE void restore_column(const SmallField& t, const Frequencies<const float>& from, bool real,
                               float* folded, float* column) {
  const Lanes d;
  const size_t H = t.field.H;
  fold_column(t.n, from, real, folded);
  V first_re, first_im, last_re, last_im;
  from.load(0, first_re, first_im);
  from.load(t.n / 2, last_re, last_im);
  for (size_t r = 0; r < H; ++r) {
    const V sign = hn::Set(d, t.rows.cos[t.n / 2 * H + r]);
    V re = hn::MulAdd(last_re, sign, first_re);
    V im = hn::MulAdd(last_im, sign, first_im);
    for (size_t u = 1; u < t.n / 2; ++u) {
      const V c = hn::Set(d, t.rows.cos[u * H + r]), s = hn::Set(d, t.rows.sin[u * H + r]);
      re = hn::MulAdd(at(folded, 4 * u), c, hn::NegMulAdd(at(folded, 4 * u + 1), s, re));
      im = hn::MulAdd(at(folded, 4 * u + 2), c, hn::MulAdd(at(folded, 4 * u + 3), s, im));
    }
    put(re, column, 2 * r);
    put(im, column, 2 * r + 1);
  }
}

void restore_rows(const SmallField& t, const float* T, float* pixels, size_t channels) {
  const Lanes d;
  const Field& y = t.field;
  const auto n = static_cast<float>(t.n);
  const V scale = hn::Set(d, 1 / (n * n));
  const V two = hn::Set(d, 2.0F);
  for (size_t r = 0; r < y.H; ++r)
    for (size_t s = 0; s < y.W; ++s) {
      const V sign = hn::Set(d, t.columns.cos[t.n / 2 * y.W + s]);
      V sum = hn::Zero(d);
      for (size_t v = 1; v < t.n / 2; ++v) {
        const V cos = hn::Set(d, t.columns.cos[v * y.W + s]);
        const V sin = hn::Set(d, t.columns.sin[v * y.W + s]);
        sum = hn::MulAdd(at(T, 2 * (v * y.H + r)), cos, sum);
        sum = hn::NegMulAdd(at(T, 2 * (v * y.H + r) + 1), sin, sum);
      }
      const V ends = hn::MulAdd(at(T, 2 * (t.n / 2 * y.H + r)), sign, at(T, 2 * r));
      store_some(hn::Mul(hn::MulAdd(two, sum, ends), scale), pixels + (r * y.W + s) * y.C,
                 channels);
    }
}

// Z: [N,F,2,C] -> y: [N,P,Q,C], of the channels [begin, end).
void small_inverse_fft2d_f32(const SmallField& t, const float* Z, float* pixels, size_t N,
                             size_t begin, size_t end, float* T) {
  const Field& y = t.field;
  const size_t F = t.n * t.n / 2 + 2;
  float* folded = T + (t.n / 2 + 1) * 2 * kMostPixels * hn::Lanes(Lanes());
  for (size_t n = 0; n < N; ++n)
    for (size_t c = begin; c < end; c += hn::Lanes(Lanes())) {
      const size_t next = next_of(y, F, c, begin, end).spectra;
      for (size_t v = 0; v <= t.n / 2; ++v)
        restore_column(t, {Z + n * F * 2 * y.C + c, y.C, end - c, first_of(t.n, v), next},
                       v == 0 || v == t.n / 2, folded, T + 2 * v * y.H * hn::Lanes(Lanes()));
      restore_rows(t, T, pixels + n * y.H * y.W * y.C + c, end - c);
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(small_fft2d_f32);
HWY_EXPORT(small_inverse_fft2d_f32);
HWY_EXPORT(small_fft2d_scratch);

// What both directions have in common.
template <typename OpType>
struct SmallFft2dBase : ChannelKernel {
  using Op = OpType;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call, const Shape& pixels) {
    return all_f32(call) && SmallField::worthwhile(std::get<Op>(call.op).size, pixels);
  }
  static std::size_t scratch_bytes(const Call& call) {
    const auto n = static_cast<std::size_t>(std::get<Op>(call.op).size);
    return HWY_DYNAMIC_DISPATCH(small_fft2d_scratch)(n) * sizeof(float);
  }
  SmallFft2dBase(const Call& call, const Shape& pixels)
      : ChannelKernel(call),
        field(std::get<Op>(call.op).size, pixels, std::get<Op>(call.op).place),
        samples(static_cast<std::size_t>(pixels[0])) {}
  SmallField field;
  std::size_t samples;
};

struct SmallFft2dKernel : SmallFft2dBase<Fft2d> {
  static constexpr std::string_view name = "native/fft2d/few_pixels";
  static bool accepts(const Call& call) {
    return SmallFft2dBase::accepts(call, call.inputs[0].shape);
  }
  explicit SmallFft2dKernel(const Call& call) : SmallFft2dBase(call, call.inputs[0].shape) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(small_fft2d_f32)
    (field, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

struct SmallInverseFft2dKernel : SmallFft2dBase<InverseFft2d> {
  static constexpr std::string_view name = "native/inverse_fft2d/few_pixels";
  static bool accepts(const Call& call) {
    return SmallFft2dBase::accepts(call, call.outputs[0].shape);
  }
  explicit SmallInverseFft2dKernel(const Call& call)
      : SmallFft2dBase(call, call.outputs[0].shape) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(small_inverse_fft2d_f32)
    (field, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

}  // namespace

KernelEntry small_fft2d() { return entry_of<SmallFft2dKernel>(); }
KernelEntry small_inverse_fft2d() { return entry_of<SmallInverseFft2dKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
