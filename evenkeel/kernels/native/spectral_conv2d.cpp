// SPDX-License-Identifier: Apache-2.0
// Products of spectra by three real matrix products (spectral_conv2d.h); a convolution finds its
// kernel's factors made (spectral_kernel.cpp), the kernel's gradient makes those of dY itself:
//   X conj(B) = k + Xi B1 + i (k + Xr B2)  with  B1 = Bi - Br,  B2 = -(Br + Bi).
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/spectral_conv2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/pack-inl.h"
#include "evenkeel/kernels/native/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// Rows of complex numbers: real parts at `re`, imaginary ones at `im`, a row every `stride` floats.
// The next frequency's row is `next` floats on: rows are pages apart, where no processor looks
// ahead by itself.
struct ComplexRows {
  const float* re;
  const float* im;
  size_t stride;
  size_t next;
};

// Rows of a left factor from `row` on.
HWY_INLINE Left rows_from(const Left& a, size_t row) { return {a.at + row * a.row, a.row, a.k}; }

// A complex left factor, with the sums of both parts.
struct LeftParts {
  Left sum;
  Left re;
  Left im;
  HWY_INLINE LeftParts from(size_t row) const {
    return {rows_from(sum, row), rows_from(re, row), rows_from(im, row)};
  }
};

// B0, B1 and B2 of two vectors of columns.
struct Factors {
  Panel b0;
  Panel b1;
  Panel b2;
};

// Rows of a complex result. The next frequency's are `next` floats on.
struct ComplexResult {
  Result re;
  Result im;
  size_t next;
};

// Xr + Xi of as many rows, [rows][columns].
void add_parts(const ComplexRows& a, size_t rows, size_t columns, float* sums) {
  const PanelLanes d;
  for (size_t r = 0; r < rows; ++r, sums += columns) {
    const float* re = a.re + r * a.stride;
    const float* im = a.im + r * a.stride;
    size_t c = 0;
    for (; c + hn::Lanes(d) <= columns; c += hn::Lanes(d)) {
      hwy::Prefetch(re + a.next + c);
      hwy::Prefetch(im + a.next + c);
      hn::StoreU(hn::Add(hn::LoadU(d, re + c), hn::LoadU(d, im + c)), d, sums + c);
    }
    for (; c < columns; ++c) sums[c] = re[c] + im[c];
  }
}

// The rows that a panel of the next frequency goes to.
HWY_INLINE void ask_for(const Result& y, size_t rows, size_t next) {
  constexpr size_t kLine = 64 / sizeof(float);
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < panel_width(); j += kLine) hwy::Prefetch(y.at + r * y.stride + next + j);
}

constexpr size_t kMostRows = HWY_MAX(kRows, kHalfRows);

// Up to kRows rows by two vectors of columns, or up to kHalfRows by one.
template <bool kPair>
HWY_INLINE void part_product(size_t rows, const Left& a, const Panel& b, size_t K,
                             const Addend& start, const Result& y) {
  if constexpr (kPair)
    product(rows, a, b, K, start, y);
  else
    half_product(rows, a, b, K, start, y);
}

// So many rows of the complex product, of which `columns` exist; k stays in L1.
template <bool kPair>
HWY_INLINE void complex_rows(size_t rows, const LeftParts& a, const Factors& b, size_t K,
                             size_t columns, const Result& yr, const Result& yi) {
  const size_t width = kPair ? panel_width() : panel_width() / 2;
  HWY_ALIGN float common[kMostRows * 2 * hn::MaxLanes(PanelLanes())];
  HWY_ALIGN float edge[2 * kMostRows * 2 * hn::MaxLanes(PanelLanes())];
  const Addend k = {common, width};
  part_product<kPair>(rows, a.sum, b.b0, K, Addend{}, Result{common, width});
  if (HWY_LIKELY(columns >= width)) {
    part_product<kPair>(rows, a.im, b.b1, K, k, yr);
    part_product<kPair>(rows, a.re, b.b2, K, k, yi);
    return;
  }
  float* edge_i = edge + kMostRows * width;
  part_product<kPair>(rows, a.im, b.b1, K, k, {edge, width});
  part_product<kPair>(rows, a.re, b.b2, K, k, {edge_i, width});
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < columns; ++j) {
      yr.at[r * yr.stride + j] = edge[r * width + j];
      yi.at[r * yi.stride + j] = edge_i[r * width + j];
    }
}

// All M rows.
template <bool kPair>
HWY_INLINE void complex_panel(size_t M, const LeftParts& a, const Factors& b, size_t K,
                              size_t columns, const ComplexResult& y) {
  constexpr size_t kStep = kPair ? kRows : kHalfRows;
  for (size_t m = 0; m < M; m += kStep) {
    const size_t rows = HWY_MIN(kStep, M - m);
    const Result yr = {y.re.at + m * y.re.stride, y.re.stride};
    const Result yi = {y.im.at + m * y.im.stride, y.im.stride};
    ask_for(yr, rows, y.next);
    ask_for(yi, rows, y.next);
    complex_rows<kPair>(rows, a.from(m), b, K, columns, yr, yi);
  }
}

// The columns [begin, end) of Y = X B for a frequency, B: [M,3,C,16].
void multiply_spectra(size_t N, const LeftParts& x, const float* B, size_t C, size_t begin,
                      size_t end, const ComplexResult& Y) {
  const size_t L = hn::Lanes(PanelLanes());
  const size_t part = C * kChannelBlock;
  for (size_t k = begin; k < end;) {
    const float* b = B + k / kChannelBlock * 3 * part + k % kChannelBlock;
    // A vector of a whole block has its neighbour in the next, if there is one.
    const bool pair = L < kChannelBlock || k + L < end;
    const size_t right = L < kChannelBlock ? L : 3 * part;
    const Factors factors = {{b, kChannelBlock, right},
                             {b + part, kChannelBlock, right},
                             {b + 2 * part, kChannelBlock, right}};
    const ComplexResult y = {{Y.re.at + k, Y.re.stride}, {Y.im.at + k, Y.im.stride}, Y.next};
    if (pair)
      complex_panel<true>(N, x, factors, C, end - k, y);
    else
      complex_panel<false>(N, x, factors, C, end - k, y);
    k += pair ? 2 * L : L;
  }
}

// X: [N,F,2,C]  B: [F,M,3,C,16]  Y: [N,F,2,K], for the output channels [begin, end).
void spectral_conv2d_f32(const float* X, const float* B, float* Y, size_t N, size_t F, size_t C,
                         size_t K, size_t begin, size_t end, float* sums) {
  const size_t blocks = (K + kChannelBlock - 1) / kChannelBlock;
  for (size_t f = 0; f < F; ++f) {
    const float* x = X + f * 2 * C;
    float* y = Y + f * 2 * K;
    const size_t row = F * 2 * C;
    add_parts({x, x + C, row, 2 * C}, N, C, sums);
    multiply_spectra(N, {{sums, C, 1}, {x, row, 1}, {x + C, row, 1}},
                     B + f * blocks * 3 * C * kChannelBlock, C, begin, end,
                     {{y, F * 2 * K}, {y + K, F * 2 * K}, 2 * K});
  }
}

// A panel's columns of dY as factors of the conjugate product, each [N][panel_width()], zeros where
// dY ends.
struct PackedFactors {
  float* b0;
  float* b1;
  float* b2;
  PackedFactors(float* scratch, size_t N)
      : b0(scratch), b1(scratch + N * panel_width()), b2(scratch + 2 * N * panel_width()) {}
  HWY_INLINE Factors panels() const {
    const size_t L = hn::Lanes(PanelLanes());
    return {{b0, 2 * L, L}, {b1, 2 * L, L}, {b2, 2 * L, L}};
  }
};

void pack_columns(const ComplexRows& b, size_t N, size_t columns, const PackedFactors& to) {
  const PanelLanes d;
  const size_t width = panel_width();
  for (size_t n = 0; n < N; ++n) {
    const float* re = b.re + n * b.stride;
    const float* im = b.im + n * b.stride;
    const size_t at = n * width;
    hwy::Prefetch(re + b.next);
    hwy::Prefetch(im + b.next);
    if (HWY_LIKELY(columns >= width)) {
      for (size_t j = 0; j < width; j += hn::Lanes(d)) {
        const auto br = hn::LoadU(d, re + j);
        const auto bi = hn::LoadU(d, im + j);
        hn::Store(br, d, to.b0 + at + j);
        hn::Store(hn::Sub(bi, br), d, to.b1 + at + j);
        hn::Store(hn::Neg(hn::Add(br, bi)), d, to.b2 + at + j);
      }
      continue;
    }
    for (size_t j = 0; j < width; ++j) {
      const float br = j < columns ? re[j] : 0;
      const float bi = j < columns ? im[j] : 0;
      to.b0[at + j] = br;
      to.b1[at + j] = bi - br;
      to.b2[at + j] = -(br + bi);
    }
  }
}

// Xr + Xi, Xr and Xi of a frequency side by side, each [N][C]: as they lie in X, 128 rows would
// share a few sets of the first cache.
struct PackedParts {
  float* sum;
  float* re;
  float* im;
  PackedParts(float* scratch, size_t N, size_t C)
      : sum(scratch), re(scratch + N * C), im(scratch + 2 * N * C) {}
};

void pack_parts(const ComplexRows& x, size_t N, size_t C, const PackedParts& to) {
  add_parts(x, N, C, to.sum);
  pack_along(x.re, x.stride, C, N, C, to.re);
  pack_along(x.im, x.stride, C, N, C, to.im);
}

// Rows [0, C) of a real product, part after part of the complex one so that its operands stay in
// the first cache; of the last columns those that exist.
void gradient_part(const float* left, const Panel& b, size_t N, size_t C, size_t columns,
                   const Addend& start, const Result& y) {
  HWY_ALIGN float edge[kRows * 2 * hn::MaxLanes(PanelLanes())];
  const size_t width = panel_width();
  for (size_t c = 0; c < C; c += kRows) {
    const size_t rows = HWY_MIN(kRows, C - c);
    const Result in_y = {y.at + c * y.stride, y.stride};
    const Addend from = {start.at != nullptr ? start.at + c * start.stride : nullptr, start.stride};
    if (HWY_LIKELY(columns >= width)) {
      product(rows, Left{left + c, 1, C}, b, N, from, in_y);
      continue;
    }
    product(rows, Left{left + c, 1, C}, b, N, from, {edge, width});
    for (size_t r = 0; r < rows; ++r)
      for (size_t j = 0; j < columns; ++j) in_y.at[r * in_y.stride + j] = edge[r * width + j];
  }
}

size_t gradient_scratch(size_t N, size_t C) {
  return 3 * N * panel_width() + 3 * N * C + C * panel_width();
}

// X: [N,F,2,C]  dY: [N,F,2,K]  dW: [F,2,C,K], for the output channels [begin, end).
void spectral_conv2d_grad_kernel_f32(const float* X, const float* slopes, float* kernel, size_t N,
                                     size_t F, size_t C, size_t K, size_t begin, size_t end,
                                     float* scratch) {
  const size_t width = panel_width();
  const PackedFactors packed(scratch, N);
  const PackedParts left(scratch + 3 * N * width, N, C);
  float* common = scratch + 3 * N * width + 3 * N * C;
  for (size_t f = 0; f < F; ++f) {
    const float* x = X + f * 2 * C;
    pack_parts({x, x + C, F * 2 * C, 2 * C}, N, C, left);
    for (size_t k = begin; k < end; k += width) {
      const float* dy = slopes + f * 2 * K + k;
      const size_t columns = end - k;
      pack_columns({dy, dy + K, F * 2 * K, 2 * K}, N, columns, packed);
      const Factors b = packed.panels();
      float* to = kernel + f * 2 * C * K + k;
      gradient_part(left.sum, b.b0, N, C, width, Addend{}, {common, width});
      gradient_part(left.im, b.b1, N, C, columns, {common, width}, {to, K});
      gradient_part(left.re, b.b2, N, C, columns, {common, width}, {to + C * K, K});
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(spectral_conv2d_f32);
HWY_EXPORT(spectral_conv2d_grad_kernel_f32);
HWY_EXPORT(gradient_scratch);

std::size_t extent(const ValueType& type, std::size_t axis) {
  return static_cast<std::size_t>(type.shape[axis]);
}

// X: [N,F,2,C] of F frequencies, where a tile counts as a sample, and K of the last axis of the
// other operand.
struct Spectra {
  std::size_t N, F, C, K;
  Spectra(const Call& call, std::size_t frequencies)
      : N(extent(call.inputs[0], 0) * extent(call.inputs[0], 1) / frequencies),
        F(frequencies),
        C(extent(call.inputs[0], 3)),
        K(extent(call.outputs[0], 3)) {}
};

// What both have in common: blocks of output channels, the last axis of the second input and of
// the output.
struct SpectralProduct {
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0, 1};
  static bool accepts(const Call& call) { return all_f32(call); }
  static std::int64_t extent(const Call& call) {
    return blocks_of(call.outputs[0].shape.back(), kChannelBlock);
  }
  SpectralProduct(const Call& call, std::size_t frequencies) : z(call, frequencies) {}

  Channels channels(Range range) const {
    return {0, z.K, static_cast<std::size_t>(range.begin * kChannelBlock),
            std::min(static_cast<std::size_t>(range.end * kChannelBlock), z.K)};
  }
  Spectra z;
};

struct SpectralConv2dKernel : SpectralProduct {
  using Op = SpectralConv2d;
  static constexpr std::string_view name = "native/spectral_conv2d";
  static std::size_t frequencies(const Call& call) { return native::extent(call.inputs[1], 0); }
  static std::size_t scratch_bytes(const Call& call) {
    const Spectra z(call, frequencies(call));
    return z.N * z.C * sizeof(float);
  }
  explicit SpectralConv2dKernel(const Call& call) : SpectralProduct(call, frequencies(call)) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(spectral_conv2d_f32)
    (in<float>(args, 0), in<float>(args, 1), out<float>(args, 0), z.N, z.F, z.C, z.K, c.begin,
     c.end, reinterpret_cast<float*>(args.scratch));
  }
};

struct SpectralConv2dGradKernelKernel : SpectralProduct {
  using Op = SpectralConv2dGradKernel;
  static constexpr std::string_view name = "native/spectral_conv2d_grad_kernel";
  static std::size_t frequencies(const Call& call) { return native::extent(call.outputs[0], 0); }
  static std::size_t scratch_bytes(const Call& call) {
    const Spectra z(call, frequencies(call));
    return HWY_DYNAMIC_DISPATCH(gradient_scratch)(z.N, z.C) * sizeof(float);
  }
  explicit SpectralConv2dGradKernelKernel(const Call& call)
      : SpectralProduct(call, frequencies(call)) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(spectral_conv2d_grad_kernel_f32)
    (in<float>(args, 0), in<float>(args, 1), out<float>(args, 0), z.N, z.F, z.C, z.K, c.begin,
     c.end, reinterpret_cast<float*>(args.scratch));
  }
};

}  // namespace

KernelEntry spectral_conv2d() { return entry_of<SpectralConv2dKernel>(); }
KernelEntry spectral_conv2d_grad_kernel() { return entry_of<SpectralConv2dGradKernelKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
