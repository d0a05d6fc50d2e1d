// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/batch_norm.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/batch_norm_grad.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/channels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

struct AddGradients {
  Tile dy, x;
  size_t c;
  const float* centre;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V& products) const {
    const V g = hn::LoadU(d, dy.x + r * dy.stride + c);
    const V centred = hn::Sub(hn::LoadU(d, x.x + r * x.stride + c), hn::LoadU(d, centre + c));
    prefetch_beside(dy.x + r * dy.stride);
    prefetch_beside(x.x + r * x.stride);
    sum = hn::Add(sum, g);
    products = hn::Add(products, hn::Mul(g, centred));
  }
};

// dy, x: [rows, C]; count, mean, M2: f64[C] -> dbeta, dgamma: [C], for channels [begin, end).
void batch_norm_grad_sums_f32(const float* dy, const float* x, const double* count,
                              const double* mean, const double* M2, double epsilon, float* dbeta,
                              float* dgamma, size_t rows, size_t C, size_t begin, size_t end) {
  const Wide d;
  HWY_ALIGN float dy_copy[kBlockRows * kWidth];
  HWY_ALIGN float x_copy[kBlockRows * kWidth];
  float sums[2][kWidth];
  float centre[kWidth];
  double rest[kWidth];
  double inverse[kWidth];
  for (size_t c = begin; c < end; c += kWidth) {
    const size_t channels = HWY_MIN(kWidth, end - c);
    load_centres(mean + c, channels, centre, rest);
    double totals[2][kWidth] = {};
    for (size_t r = 0; r < rows; r += kBlockRows) {
      const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
      const Tile dy_tile = tile_of(dy + r * C + c, C, block_rows, channels, dy_copy);
      const Tile x_tile = tile_of(x + r * C + c, C, block_rows, channels, x_copy);
      for (size_t i = 0; i < kWidth; i += hn::Lanes(d))
        sum_rows<2>(block_rows, i, AddGradients{dy_tile, x_tile, i, centre}, sums);
      add_to_double(sums[0], totals[0]);
      add_to_double(sums[1], totals[1]);
    }
    inverse_deviation(count + c, M2 + c, channels, epsilon, inverse);
    for (size_t i = 0; i < kWidth; ++i)
      totals[1][i] = (totals[1][i] - rest[i] * totals[0][i]) * inverse[i];
    store_channels(totals[0], channels, dbeta + c);
    store_channels(totals[1], channels, dgamma + c);
  }
}

// dx = scale (dy - offset - (x - centre) slope), for up to kGroup channels side by side.
struct Coefficients {
  HWY_ALIGN float centre[kGroup];
  HWY_ALIGN float scale[kGroup];
  HWY_ALIGN float offset[kGroup];
  HWY_ALIGN float slope[kGroup];
};

// dy, x, dx: [rows, width] at their strides, width a multiple of 16.
HWY_INLINE void map_rows(const Coefficients& k, Tile dy, Tile x, float* dx, size_t dx_stride,
                         size_t rows, size_t width) {
  const Wide d;
  for (size_t r = 0; r < rows; ++r, dy.x += dy.stride, x.x += x.stride, dx += dx_stride)
    for (size_t c = 0; c < width; c += hn::Lanes(d)) {
      const auto centred = hn::Sub(hn::LoadU(d, x.x + c), hn::Load(d, k.centre + c));
      const auto less = hn::Sub(hn::LoadU(d, dy.x + c), hn::Load(d, k.offset + c));
      const auto rest = hn::Sub(less, hn::Mul(centred, hn::Load(d, k.slope + c)));
      hn::StoreU(hn::Mul(rest, hn::Load(d, k.scale + c)), d, dx + c);
    }
}

HWY_INLINE void map_group(const Coefficients& k, const float* dy, const float* x, float* dx,
                          size_t rows, size_t C, size_t width) {
  if (width % kWidth == 0) return map_rows(k, {dy, C}, {x, C}, dx, C, rows, width);
  HWY_ALIGN float dy_copy[kBlockRows * kWidth];
  HWY_ALIGN float x_copy[kBlockRows * kWidth];
  for (size_t r = 0; r < rows; r += kBlockRows) {
    const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
    const Tile dy_tile = tile_of(dy + r * C, C, block_rows, width, dy_copy);
    const Tile x_tile = tile_of(x + r * C, C, block_rows, width, x_copy);
    map_rows(k, dy_tile, x_tile, dy_copy, kWidth, block_rows, kWidth);
    store_tile(dy_copy, block_rows, width, dx + r * C, C);
  }
}

// dy, x, dx: [rows, C]; the moments: f64[C]; the other statistics: [C]; for the channels [begin,
// end).
void batch_norm_grad_apply_f32(const float* dy, const float* x, const GradStatistics& s,
                               double epsilon, float* dx, size_t rows, size_t C, size_t begin,
                               size_t end) {
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
      k.scale[i] = static_cast<float>(s.gamma[c + i] * one);
      k.offset[i] = static_cast<float>(s.dbeta[c + i] * per_row - rest * slope);
      k.slope[i] = static_cast<float>(slope);
    }
    for (size_t i = width; i % kWidth != 0; ++i)
      k.centre[i] = k.scale[i] = k.offset[i] = k.slope[i] = 0;
    map_group(k, dy + c, x + c, dx + c, rows, C, width);
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
        own_moments(call.inputs[2].shape.rank() == 2) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    for (std::size_t n = 0; n < samples(); ++n) {
      const std::size_t at = n * c.rows * c.all;
      const std::size_t own = own_moments ? n * c.all : 0;
      HWY_DYNAMIC_DISPATCH(batch_norm_grad_sums_f32)
      (in<float>(args, 0) + at, in<float>(args, 1) + at, in<double>(args, 2) + own,
       in<double>(args, 3) + own, in<double>(args, 4) + own, epsilon,
       out<float>(args, 0) + n * c.all, out<float>(args, 1) + n * c.all, c.rows, c.all, c.begin,
       c.end);
    }
  }
  double epsilon;
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
      (in<float>(args, 0) + at, in<float>(args, 1) + at, statistics, epsilon,
       out<float>(args, 0) + at, c.rows, c.all, c.begin, c.end);
    }
  }
  static bool each_sample(const Call& call, std::size_t input) {
    return call.inputs[input].shape.rank() == 2;
  }
  double epsilon;
  bool own_moments;
  bool own_sums;
};

}  // namespace

KernelEntry batch_norm_grad_sums() { return entry_of<BatchNormGradSumsKernel>(); }
KernelEntry batch_norm_grad_apply() { return entry_of<BatchNormGradApplyKernel>(); }

}  // namespace evenkeel::native
#endif
