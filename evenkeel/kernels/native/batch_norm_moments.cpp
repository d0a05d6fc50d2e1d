// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/batch_norm_moments.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/channels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

struct AddDifference {
  const float* x;
  size_t stride;
  const float* center;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V&) const {
    sum = hn::Add(sum, hn::Sub(hn::LoadU(d, x + r * stride), hn::LoadU(d, center)));
  }
};

struct AddDeviations {
  const float* x;
  size_t stride;
  const float* center;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V& squares) const {
    const V deviation = hn::Sub(hn::LoadU(d, x + r * stride), hn::LoadU(d, center));
    prefetch_beside(x + r * stride);
    sum = hn::Add(sum, deviation);
    squares = hn::Add(squares, hn::Mul(deviation, deviation));
  }
};

// Two passes over rows in L1: about the mean, and what the mean's own rounding left over.
struct BlockSums {
  float center[kWidth];
  float sums[2][kWidth];  // of x - center, and of its square
};
HWY_INLINE void sum_block(const Tile& tile, size_t rows, BlockSums& block) {
  const Wide d;
  const auto per_row = hn::Set(d, 1.0F / static_cast<float>(rows));
  for (size_t c = 0; c < kWidth; c += hn::Lanes(d)) {
    const float* x = tile.x + c;
    // Counted from the first row, so that a constant channel's mean is exact.
    sum_rows<1>(rows, c, AddDifference{x, tile.stride, x}, block.sums);
    const auto mean = hn::Add(hn::LoadU(d, x), hn::Mul(hn::LoadU(d, block.sums[0] + c), per_row));
    hn::StoreU(mean, d, block.center + c);
    sum_rows<2>(rows, c, AddDeviations{x, tile.stride, block.center + c}, block.sums);
  }
}

// Chan's formula: (before rows, mean, M2) and a block of `rows` rows.
HWY_INLINE void merge_block(const BlockSums& block, double before, double rows, double* mean,
                            double* M2) {
  const WideDouble d;
  const HalfOfWide half;
  const auto per_row = hn::Set(d, 1 / rows);
  const auto share = hn::Set(d, rows / (before + rows));
  const auto spread = hn::Set(d, before * (rows / (before + rows)));
  for (size_t c = 0; c < kWidth; c += hn::Lanes(d)) {
    const auto left_over = hn::Mul(hn::PromoteTo(d, hn::LoadU(half, block.sums[0] + c)), per_row);
    const auto block_mean = hn::Add(hn::PromoteTo(d, hn::LoadU(half, block.center + c)), left_over);
    auto block_m2 = hn::Sub(hn::PromoteTo(d, hn::LoadU(half, block.sums[1] + c)),
                            hn::Mul(hn::Mul(left_over, left_over), hn::Set(d, rows)));
    block_m2 = hn::IfThenZeroElse(hn::Lt(block_m2, hn::Zero(d)), block_m2);
    const auto mean_before = hn::LoadU(d, mean + c);
    const auto shift = hn::Sub(block_mean, mean_before);
    hn::StoreU(hn::Add(mean_before, hn::Mul(shift, share)), d, mean + c);
    const auto merged = hn::Add(hn::LoadU(d, M2 + c), block_m2);
    hn::StoreU(hn::Add(merged, hn::Mul(hn::Mul(shift, shift), spread)), d, M2 + c);
  }
}

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
