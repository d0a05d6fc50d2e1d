// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/batch_norm_grad.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/batch_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// dy, x: [rows, C]; what n has: [C] -> dbeta, dgamma: [C], for channels [begin, end).
template <bool kRectified>
HWY_INLINE void sum_channels(const float* dy, const float* x, const Normalisation& n, float* dbeta,
                             float* dgamma, size_t rows, size_t C, size_t begin, size_t end) {
  HWY_ALIGN float dy_copy[kBlockRows * kWidth];
  HWY_ALIGN float x_copy[kBlockRows * kWidth];
  AffineOf<kWidth> y;
  double rest[kWidth];
  for (size_t c = begin; c < end; c += kWidth) {
    const size_t channels = HWY_MIN(kWidth, end - c);
    if constexpr (kRectified)
      load_normalisation(n.from(c), channels, y.centre, y.scale, y.shift);
    else
      load_centres(n.mean + c, channels, y.centre, rest);
    double totals[2][kWidth] = {};
    for (size_t r = 0; r < rows; r += kBlockRows) {
      const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
      const Tile dy_tile = tile_of(dy + r * C + c, C, block_rows, channels, dy_copy);
      const Tile x_tile = tile_of(x + r * C + c, C, block_rows, channels, x_copy);
      add_gradients<kRectified>(dy_tile, x_tile, block_rows, y.view(), totals);
    }
    store_gradients(n.from(c), channels, totals, dbeta + c, dgamma + c);
  }
}

void batch_norm_grad_sums_f32(const float* dy, const float* x, const Normalisation& n, float* dbeta,
                              float* dgamma, size_t rows, size_t C, size_t begin, size_t end) {
  if (n.gamma != nullptr)
    sum_channels<true>(dy, x, n, dbeta, dgamma, rows, C, begin, end);
  else
    sum_channels<false>(dy, x, n, dbeta, dgamma, rows, C, begin, end);
}

// dx = scale (dy - offset - (x - centre) slope), for up to kGroup channels side by side; shift is
// y's, of which the sign says where dy counts.
struct Coefficients {
  HWY_ALIGN float centre[kGroup];
  HWY_ALIGN float scale[kGroup];
  HWY_ALIGN float shift[kGroup];
  HWY_ALIGN float offset[kGroup];
  HWY_ALIGN float slope[kGroup];
};

// dy, x, dx: [rows, width] at their strides, width a multiple of 16.
template <bool kRectified>
HWY_INLINE void map_rows(const Coefficients& k, Tile dy, Tile x, float* dx, size_t dx_stride,
                         size_t rows, size_t width) {
  const Wide d;
  for (size_t r = 0; r < rows; ++r, dy.x += dy.stride, x.x += x.stride, dx += dx_stride)
    for (size_t c = 0; c < width; c += hn::Lanes(d)) {
      const auto centred = hn::Sub(hn::LoadU(d, x.x + c), hn::Load(d, k.centre + c));
      auto g = hn::LoadU(d, dy.x + c);
      if constexpr (kRectified) {
        const auto scaled = hn::Mul(centred, hn::Load(d, k.scale + c));
        g = RectifyGrad()(d, g, hn::Add(scaled, hn::Load(d, k.shift + c)));
      }
      const auto less = hn::Sub(g, hn::Load(d, k.offset + c));
      const auto rest = hn::Sub(less, hn::Mul(centred, hn::Load(d, k.slope + c)));
      hn::StoreU(hn::Mul(rest, hn::Load(d, k.scale + c)), d, dx + c);
    }
}

template <bool kRectified>
HWY_INLINE void map_group(const Coefficients& k, const float* dy, const float* x, float* dx,
                          size_t rows, size_t C, size_t width) {
  if (width % kWidth == 0) return map_rows<kRectified>(k, {dy, C}, {x, C}, dx, C, rows, width);
  HWY_ALIGN float dy_copy[kBlockRows * kWidth];
  HWY_ALIGN float x_copy[kBlockRows * kWidth];
  for (size_t r = 0; r < rows; r += kBlockRows) {
    const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
    const Tile dy_tile = tile_of(dy + r * C, C, block_rows, width, dy_copy);
    const Tile x_tile = tile_of(x + r * C, C, block_rows, width, x_copy);
    map_rows<kRectified>(k, dy_tile, x_tile, dy_copy, kWidth, block_rows, kWidth);
    store_tile(dy_copy, block_rows, width, dx + r * C, C);
  }
}

// dy, x, dx: [rows, C]; the moments: f64[C]; the other statistics: [C]; for the channels [begin,
// end). beta: null unless rectified.
void batch_norm_grad_apply_f32(const float* dy, const float* x, const GradStatistics& s,
                               const float* beta, double epsilon, float* dx, size_t rows, size_t C,
                               size_t begin, size_t end) {
  Coefficients k;
  double inverse[kWidth];
  for (size_t c = begin, width = 0; c < end; c += width) {
    width = group_width(end - c);
    for (size_t i = 0; i < width; ++i) {
      if (i % kWidth == 0)
        inverse_deviation(s.count + c + i, s.M2 + c + i, HWY_MIN(kWidth, width - i), epsilon,
                          inverse);
      const double one = inverse[i % kWidth];
      const double per_row = 1 / s.count[c + i];
      const double slope = s.dgamma[c + i] * one * per_row;
      k.centre[i] = static_cast<float>(s.mean[c + i]);
      const double rest = s.mean[c + i] - static_cast<double>(k.centre[i]);
      const double scale = s.gamma[c + i] * one;
      k.scale[i] = static_cast<float>(scale);
      k.shift[i] = beta != nullptr ? static_cast<float>(beta[c + i] - rest * scale) : 0;
      k.offset[i] = static_cast<float>(s.dbeta[c + i] * per_row - rest * slope);
      k.slope[i] = static_cast<float>(slope);
    }
    for (size_t i = width; i % kWidth != 0; ++i)
      k.centre[i] = k.scale[i] = k.shift[i] = k.offset[i] = k.slope[i] = 0;
    if (beta != nullptr)
      map_group<true>(k, dy + c, x + c, dx + c, rows, C, width);
    else
      map_group<false>(k, dy + c, x + c, dx + c, rows, C, width);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(batch_norm_grad_sums_f32);
HWY_EXPORT(batch_norm_grad_apply_f32);

struct BatchNormGradSumsKernel : ChannelKernel {
  using Op = BatchNormGradSums;
  static constexpr std::string_view name = "native/batch_norm_grad_sums";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_f32_but_moments(call, 2); }
  explicit BatchNormGradSumsKernel(const Call& call)
      : ChannelKernel(call, std::get<Op>(call.op).each_sample),
        epsilon(std::get<Op>(call.op).epsilon),
        rectified(std::get<Op>(call.op).rectified),
        own_moments(call.inputs[2].shape.rank() == 2) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    for (std::size_t n = 0; n < samples(); ++n) {
      const std::size_t at = n * c.rows * c.all;
      const std::size_t own = own_moments ? n * c.all : 0;
      const Normalisation y = {in<double>(args, 2) + own,
                               in<double>(args, 3) + own,
                               in<double>(args, 4) + own,
                               rectified ? in<float>(args, 5) : nullptr,
                               rectified ? in<float>(args, 6) : nullptr,
                               epsilon};
      HWY_DYNAMIC_DISPATCH(batch_norm_grad_sums_f32)
      (in<float>(args, 0) + at, in<float>(args, 1) + at, y, out<float>(args, 0) + n * c.all,
       out<float>(args, 1) + n * c.all, c.rows, c.all, c.begin, c.end);
    }
  }
  double epsilon;
  bool rectified;
  bool own_moments;
};

struct BatchNormGradApplyKernel : ChannelKernel {
  using Op = BatchNormGradApply;
  static constexpr std::string_view name = "native/batch_norm_grad_apply";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  static bool accepts(const Call& call) { return all_f32_but_moments(call, 2); }
  explicit BatchNormGradApplyKernel(const Call& call)
      : ChannelKernel(call, each_sample(call, 2) || each_sample(call, 6)),
        epsilon(std::get<Op>(call.op).epsilon),
        rectified(std::get<Op>(call.op).rectified),
        own_moments(each_sample(call, 2)),
        own_sums(each_sample(call, 6)) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    for (std::size_t n = 0; n < samples(); ++n) {
      const std::size_t at = n * c.rows * c.all;
      const std::size_t m = own_moments ? n * c.all : 0;
      const std::size_t s = own_sums ? n * c.all : 0;
      const GradStatistics statistics = {in<double>(args, 2) + m, in<double>(args, 3) + m,
                                         in<double>(args, 4) + m, in<float>(args, 5),
                                         in<float>(args, 6) + s,  in<float>(args, 7) + s};
      HWY_DYNAMIC_DISPATCH(batch_norm_grad_apply_f32)
      (in<float>(args, 0) + at, in<float>(args, 1) + at, statistics,
       rectified ? in<float>(args, 8) : nullptr, epsilon, out<float>(args, 0) + at, c.rows, c.all,
       c.begin, c.end);
    }
  }
  static bool each_sample(const Call& call, std::size_t input) {
    return call.inputs[input].shape.rank() == 2;
  }
  double epsilon;
  bool rectified;
  bool own_moments;
  bool own_sums;
};

}  // namespace

KernelEntry batch_norm_grad_sums() { return entry_of<BatchNormGradSumsKernel>(); }
KernelEntry batch_norm_grad_apply() { return entry_of<BatchNormGradApplyKernel>(); }

}  // namespace evenkeel::native
#endif
