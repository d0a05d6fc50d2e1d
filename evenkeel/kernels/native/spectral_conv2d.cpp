// SPDX-License-Identifier: Apache-2.0
// Products of spectra by three real matrix products instead of four (Gauss):
//   X conj(B) = k + Xi (Bi - Br) + i (k - Xr (Br + Bi)),  k = (Xr + Xi) Br
//   X B       = k - Xi (Br + Bi) + i (k + Xr (Bi - Br))
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/spectral_conv2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
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

// A panel's columns of B: Br, Bi - Br and Br + Bi, each [K][panel_width()], zeros where B ends.
struct Panels {
  float* real;
  float* gap;
  float* sum;
  Panels(float* scratch, size_t K)
      : real(scratch), gap(scratch + K * panel_width()), sum(scratch + 2 * K * panel_width()) {}
};

void pack_columns(const ComplexRows& b, size_t K, size_t columns, const Panels& panels) {
  const PanelLanes d;
  const size_t width = panel_width();
  for (size_t k = 0; k < K; ++k) {
    const float* re = b.re + k * b.stride;
    const float* im = b.im + k * b.stride;
    const size_t to = k * width;
    hwy::Prefetch(re + b.next);
    hwy::Prefetch(im + b.next);
    if (HWY_LIKELY(columns >= width)) {
      for (size_t j = 0; j < width; j += hn::Lanes(d)) {
        const auto br = hn::LoadU(d, re + j);
        const auto bi = hn::LoadU(d, im + j);
        hn::Store(br, d, panels.real + to + j);
        hn::Store(hn::Sub(bi, br), d, panels.gap + to + j);
        hn::Store(hn::Add(br, bi), d, panels.sum + to + j);
      }
      continue;
    }
    for (size_t j = 0; j < width; ++j) {
      const float br = j < columns ? re[j] : 0;
      const float bi = j < columns ? im[j] : 0;
      panels.real[to + j] = br;
      panels.gap[to + j] = bi - br;
      panels.sum[to + j] = br + bi;
    }
  }
}

// Ar + Ai of as many rows, [rows][columns].
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

// Up to kRows rows of the complex product with a panel, to yr and yi; k stays in L1.
template <bool kConjugate>
HWY_INLINE void complex_rows(size_t rows, const Left& sum, const Left& re, const Left& im,
                             const Panels& b, size_t K, const Result& yr, const Result& yi) {
  HWY_ALIGN float common[kRows * 2 * hn::MaxLanes(PanelLanes())];
  const Addend k = {common, panel_width()};
  product(rows, sum, b.real, K, Addend{}, Result{common, panel_width()});
  if (kConjugate) {
    product(rows, im, b.gap, K, k, yr);
    product<true>(rows, re, b.sum, K, k, yi);
  } else {
    product<true>(rows, im, b.sum, K, k, yr);
    product(rows, re, b.gap, K, k, yi);
  }
}

// The rows that a panel of the next frequency goes to, `next` floats on.
HWY_INLINE void ask_for(const Result& y, size_t rows, size_t next) {
  constexpr size_t kLine = 64 / sizeof(float);
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < panel_width(); j += kLine) hwy::Prefetch(y.at + r * y.stride + next + j);
}

// The same for all rows, and for panels of which only `columns` exist.
template <bool kConjugate>
void complex_panel(size_t M, const Left& sum, const Left& re, const Left& im, const Panels& b,
                   size_t K, size_t columns, const Result& yr, const Result& yi, size_t next) {
  const auto from = [](const Left& a, size_t row) { return Left{a.at + row * a.row, a.row, a.k}; };
  HWY_ALIGN float edge[2 * kRows * 2 * hn::MaxLanes(PanelLanes())];
  const size_t width = panel_width();
  const bool whole = columns >= width;
  const Result edge_r = {edge, width};
  const Result edge_i = {edge + kRows * width, width};
  for (size_t m = 0; m < M; m += kRows) {
    const size_t rows = HWY_MIN(kRows, M - m);
    const Result to_r = {yr.at + m * yr.stride, yr.stride};
    const Result to_i = {yi.at + m * yi.stride, yi.stride};
    ask_for(to_r, rows, next);
    ask_for(to_i, rows, next);
    complex_rows<kConjugate>(rows, from(sum, m), from(re, m), from(im, m), b, K,
                             whole ? to_r : edge_r, whole ? to_i : edge_i);
    if (whole) continue;
    for (size_t r = 0; r < rows; ++r)
      for (size_t j = 0; j < columns; ++j) {
        to_r.at[r * to_r.stride + j] = edge_r.at[r * width + j];
        to_i.at[r * to_i.stride + j] = edge_i.at[r * width + j];
      }
  }
}

size_t spectral_scratch(size_t K, size_t sums) { return 3 * K * panel_width() + sums; }

// X: [N,F,2,C]  W: [F,2,C,K]  Y: [N,F,2,K], for the output channels [begin, end).
void spectral_conv2d_f32(const float* X, const float* W, float* Y, size_t N, size_t F, size_t C,
                         size_t K, size_t begin, size_t end, bool correlate, float* scratch) {
  const Panels panels(scratch, C);
  float* sums = scratch + 3 * C * panel_width();
  for (size_t f = 0; f < F; ++f) {
    const float* x = X + f * 2 * C;
    const size_t row = F * 2 * C;
    add_parts({x, x + C, row, 2 * C}, N, C, sums);
    const Left sum = {sums, C, 1};
    const Left re = {x, row, 1};
    const Left im = {x + C, row, 1};
    for (size_t k = begin; k < end; k += panel_width()) {
      const float* w = W + f * 2 * C * K + k;
      pack_columns({w, w + C * K, K, 2 * C * K}, C, end - k, panels);
      const Result yr = {Y + f * 2 * K + k, F * 2 * K};
      const Result yi = {yr.at + K, F * 2 * K};
      if (correlate)
        complex_panel<true>(N, sum, re, im, panels, C, end - k, yr, yi, 2 * K);
      else
        complex_panel<false>(N, sum, re, im, panels, C, end - k, yr, yi, 2 * K);
    }
  }
}

// X: [N,F,2,C]  dY: [N,F,2,K]  dW: [F,2,C,K], for the output channels [begin, end).
void spectral_conv2d_grad_kernel_f32(const float* X, const float* slopes, float* kernel, size_t N,
                                     size_t F, size_t C, size_t K, size_t begin, size_t end,
                                     float* scratch) {
  const Panels panels(scratch, N);
  float* sums = scratch + 3 * N * panel_width();
  for (size_t f = 0; f < F; ++f) {
    const float* x = X + f * 2 * C;
    const size_t row = F * 2 * C;
    add_parts({x, x + C, row, 2 * C}, N, C, sums);
    const Left sum = {sums, 1, C};
    const Left re = {x, 1, row};
    const Left im = {x + C, 1, row};
    for (size_t k = begin; k < end; k += panel_width()) {
      const float* dy = slopes + f * 2 * K + k;
      pack_columns({dy, dy + K, F * 2 * K, 2 * K}, N, end - k, panels);
      const Result re_out = {kernel + f * 2 * C * K + k, K};
      const Result im_out = {re_out.at + C * K, K};
      complex_panel<true>(C, sum, re, im, panels, N, end - k, re_out, im_out, 2 * C * K);
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
HWY_EXPORT(spectral_scratch);

std::size_t extent(const ValueType& type, std::size_t axis) {
  return static_cast<std::size_t>(type.shape[axis]);
}

// X: [N,F,2,C], and K of the last axis of the other operand.
struct Spectra {
  std::size_t N, F, C, K;
  explicit Spectra(const Call& call)
      : N(extent(call.inputs[0], 0)),
        F(extent(call.inputs[0], 1)),
        C(extent(call.inputs[0], 3)),
        K(extent(call.outputs[0], 3)) {}
};

// What both have in common: blocks of output channels, the last axis of the second input and of
// the output.
struct SpectralKernel {
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0};
  static bool accepts(const Call& call) { return all_f32(call); }
  static std::int64_t extent(const Call& call) {
    return blocks_of(call.outputs[0].shape.back(), kChannelBlock);
  }
  explicit SpectralKernel(const Call& call) : z(call) {}

  Channels channels(Range range) const {
    return {0, z.K, static_cast<std::size_t>(range.begin * kChannelBlock),
            std::min(static_cast<std::size_t>(range.end * kChannelBlock), z.K)};
  }
  Spectra z;
};

struct SpectralConv2dKernel : SpectralKernel {
  using Op = SpectralConv2d;
  static constexpr std::string_view name = "native/spectral_conv2d";
  static std::size_t scratch_bytes(const Call& call) {
    const Spectra z(call);
    return HWY_DYNAMIC_DISPATCH(spectral_scratch)(z.C, z.N * z.C) * sizeof(float);
  }
  explicit SpectralConv2dKernel(const Call& call)
      : SpectralKernel(call), correlate(std::get<Op>(call.op).correlate) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(spectral_conv2d_f32)
    (in<float>(args, 0), in<float>(args, 1), out<float>(args, 0), z.N, z.F, z.C, z.K, c.begin,
     c.end, correlate, reinterpret_cast<float*>(args.scratch));
  }
  bool correlate;
};

struct SpectralConv2dGradKernelKernel : SpectralKernel {
  using Op = SpectralConv2dGradKernel;
  static constexpr std::string_view name = "native/spectral_conv2d_grad_kernel";
  static std::size_t scratch_bytes(const Call& call) {
    const Spectra z(call);
    return HWY_DYNAMIC_DISPATCH(spectral_scratch)(z.N, z.N * z.C) * sizeof(float);
  }
  explicit SpectralConv2dGradKernelKernel(const Call& call) : SpectralKernel(call) {}
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
