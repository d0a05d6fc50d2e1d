// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/batch_norm_moments.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/batch_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// x: [rows, C] -> count, mean, M2: f64[C], for the channels [begin, end).
void channel_moments_f32(const float* x, size_t rows, size_t C, size_t begin, size_t end,
                         double* count, double* mean, double* M2) {
  HWY_ALIGN float copy[kBlockRows * kWidth];
  BlockSums block;
  for (size_t c = begin; c < end; c += kWidth) {
    const size_t channels = HWY_MIN(kWidth, end - c);
    double total_mean[kWidth] = {};
    double total_m2[kWidth] = {};
    for (size_t r = 0; r < rows; r += kBlockRows) {
      const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
      sum_block(tile_of(x + r * C + c, C, block_rows, channels, copy), block_rows, block);
      merge_block(block, static_cast<double>(r), static_cast<double>(block_rows), total_mean,
                  total_m2);
    }
    store_channels(total_mean, channels, mean + c);
    store_channels(total_m2, channels, M2 + c);
    for (size_t i = 0; i < channels; ++i) count[c + i] = static_cast<double>(rows);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(channel_moments_f32);

struct ChannelMomentsKernel : ChannelKernel {
  using Op = ChannelMoments;
  static constexpr std::string_view name = "native/channel_moments";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return is_dense(call.inputs[0], DType::f32); }
  explicit ChannelMomentsKernel(const Call& call)
      : ChannelKernel(call, std::get<Op>(call.op).each_sample) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    for (std::size_t n = 0; n < samples(); ++n) {
      HWY_DYNAMIC_DISPATCH(channel_moments_f32)
      (in<float>(args, 0) + n * c.rows * c.all, c.rows, c.all, c.begin, c.end,
       out<double>(args, 0) + n * c.all, out<double>(args, 1) + n * c.all,
       out<double>(args, 2) + n * c.all);
    }
  }
};

}  // namespace

KernelEntry channel_moments() { return entry_of<ChannelMomentsKernel>(); }

}  // namespace evenkeel::native
#endif
