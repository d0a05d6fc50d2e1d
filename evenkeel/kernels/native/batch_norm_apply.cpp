// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/batch_norm_apply.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/channels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// y = (x - centre) scale + shift, for up to kGroup channels side by side.
struct Coefficients {
  HWY_ALIGN float centre[kGroup];
  HWY_ALIGN float scale[kGroup];
  HWY_ALIGN float shift[kGroup];
};

// x, y: [rows, width] at their strides, width a multiple of 16.
HWY_INLINE void map_rows(const Coefficients& k, const float* x, size_t x_stride, float* y,
                         size_t y_stride, size_t rows, size_t width) {
  const Wide d;
  for (size_t r = 0; r < rows; ++r, x += x_stride, y += y_stride)
    for (size_t c = 0; c < width; c += hn::Lanes(d)) {
      const auto centred = hn::Sub(hn::LoadU(d, x + c), hn::Load(d, k.centre + c));
      const auto scaled = hn::Mul(centred, hn::Load(d, k.scale + c));
      hn::StoreU(hn::Add(scaled, hn::Load(d, k.shift + c)), d, y + c);
    }
}

// The channels [c, c + width) of all rows; fewer than 16 go through a padded copy.
HWY_INLINE void map_group(const Coefficients& k, const float* x, float* y, size_t rows, size_t C,
                          size_t width) {
  if (width % kWidth == 0) return map_rows(k, x, C, y, C, rows, width);
  HWY_ALIGN float copy[kBlockRows * kWidth];
  for (size_t r = 0; r < rows; r += kBlockRows) {
    const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
    tile_of(x + r * C, C, block_rows, width, copy);
    map_rows(k, copy, kWidth, copy, kWidth, block_rows, kWidth);
    store_tile(copy, block_rows, width, y + r * C, C);
  }
}

// x, y: [rows, C]; count, mean, M2: f64[C]; gamma, beta: [C]; for the channels [begin, end). What
// the mean's rounding to a centre leaves goes into the shift.
void batch_norm_apply_f32(const float* x, const double* count, const double* mean, const double* M2,
                          const float* gamma, const float* beta, double epsilon, float* y,
                          size_t rows, size_t C, size_t begin, size_t end) {
  Coefficients k;
  double inverse[kWidth];
  double rest[kWidth];
  for (size_t c = begin, width = 0; c < end; c += width) {
    width = group_width(end - c);
    for (size_t i = 0; i < width; i += kWidth) {
      const size_t channels = HWY_MIN(kWidth, width - i);
      inverse_deviation(count + c + i, M2 + c + i, channels, epsilon, inverse);
      load_centres(mean + c + i, channels, k.centre + i, rest);
      load_channels(gamma + c + i, channels, 0.0F, k.scale + i);
      load_channels(beta + c + i, channels, 0.0F, k.shift + i);
      for (size_t j = 0; j < kWidth; ++j) {
        const double scale = k.scale[i + j] * inverse[j];
        k.scale[i + j] = static_cast<float>(scale);
        k.shift[i + j] = static_cast<float>(k.shift[i + j] - rest[j] * scale);
      }
    }
    map_group(k, x + c, y + c, rows, C, width);
  }
}

// x, y: [rows, C]; centre, scale, shift: [C]; for the channels [begin, end).
void channel_affine_f32(const float* x, const float* centre, const float* scale, const float* shift,
                        float* y, size_t rows, size_t C, size_t begin, size_t end) {
  Coefficients k;
  for (size_t c = begin, width = 0; c < end; c += width) {
    width = group_width(end - c);
    for (size_t i = 0; i < width; i += kWidth) {
      const size_t channels = HWY_MIN(kWidth, width - i);
      load_channels(centre + c + i, channels, 0.0F, k.centre + i);
      load_channels(scale + c + i, channels, 0.0F, k.scale + i);
      load_channels(shift + c + i, channels, 0.0F, k.shift + i);
    }
    map_group(k, x + c, y + c, rows, C, width);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(batch_norm_apply_f32);
HWY_EXPORT(channel_affine_f32);

struct BatchNormApplyKernel : ChannelKernel {
  using Op = BatchNormApply;
  static constexpr std::string_view name = "native/batch_norm_apply";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return all_f32_but_moments(call, 1); }
  explicit BatchNormApplyKernel(const Call& call)
      : ChannelKernel(call, call.inputs[1].shape.rank() == 2),
        epsilon(std::get<Op>(call.op).epsilon) {}
  // One sample after another where each has moments of its own, else all rows at once.
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    for (std::size_t n = 0; n < samples(); ++n) {
      const std::size_t at = n * c.rows * c.all;
      const std::size_t own = n * c.all;
      HWY_DYNAMIC_DISPATCH(batch_norm_apply_f32)
      (in<float>(args, 0) + at, in<double>(args, 1) + own, in<double>(args, 2) + own,
       in<double>(args, 3) + own, in<float>(args, 4), in<float>(args, 5), epsilon,
       out<float>(args, 0) + at, c.rows, c.all, c.begin, c.end);
    }
  }
  double epsilon;
};

struct ChannelAffineKernel : ChannelKernel {
  using Op = ChannelAffine;
  static constexpr std::string_view name = "native/channel_affine";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return all_f32(call); }
  using ChannelKernel::ChannelKernel;
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(channel_affine_f32)
    (in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), in<float>(args, 3),
     out<float>(args, 0), c.rows, c.all, c.begin, c.end);
  }
};

}  // namespace

KernelEntry batch_norm_apply() { return entry_of<BatchNormApplyKernel>(); }
KernelEntry channel_affine() { return entry_of<ChannelAffineKernel>(); }

}  // namespace evenkeel::native
#endif
