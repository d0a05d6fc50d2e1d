// SPDX-License-Identifier: Apache-2.0
// Moments of what Winograd's convolution makes while it is in the first cache, per instruction set.
#if defined(EVENKEEL_KERNELS_NATIVE_WINOGRAD_MOMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_WINOGRAD_MOMENTS_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_WINOGRAD_MOMENTS_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_WINOGRAD_MOMENTS_INL_H_
#endif

#include "evenkeel/kernels/native/batch_norm-inl.h"
#include "evenkeel/kernels/native/winograd.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {

// The moments of y's samples, of the channels [begin, end), by the very blocks of rows of
// channel_moments, each as soon as its last strip is there.
class SampleMoments {
 public:
  // totals: [2][K16]
  HWY_INLINE SampleMoments(const Tiling& t, const WinogradMoments& to, const float* y, size_t begin,
                           size_t end, double* totals)
      : t_(t), to_(to), y_(y), begin_(begin), end_(end), totals_(totals) {}

  // Until the strip of the image, one after the other.
  HWY_INLINE void take(size_t image, size_t strip) {
    if (to_.mean == nullptr) return;
    const size_t rows = t_.y.H * t_.y.W;
    const size_t made = HWY_MIN((strip + 1) * t_.tile, t_.y.H) * t_.y.W;
    if (strip == 0) {
      taken_ = 0;
      std::fill_n(totals_, 2 * t_.K16, 0.0);
    }
    while (taken_ + kBlockRows <= made || (made == rows && taken_ < rows))
      block(image, HWY_MIN(kBlockRows, rows - taken_));
    if (made == rows) store(image, rows);
  }

 private:
  HWY_INLINE void block(size_t image, size_t rows) {
    HWY_ALIGN float copy[kBlockRows * kWidth];
    const size_t K = t_.y.C;
    const float* at = y_ + (image * t_.y.H * t_.y.W + taken_) * K;
    BlockSums sums;
    for (size_t k = begin_; k < end_; k += kWidth) {
      sum_block(tile_of(at + k, K, rows, HWY_MIN(kWidth, end_ - k), copy), rows, sums);
      merge_block(sums, static_cast<double>(taken_), static_cast<double>(rows), totals_ + k,
                  totals_ + t_.K16 + k);
    }
    taken_ += rows;
  }
  HWY_INLINE void store(size_t image, size_t rows) const {
    const size_t at = image * t_.y.C + begin_;
    std::fill_n(to_.count + at, end_ - begin_, static_cast<double>(rows));
    std::copy_n(totals_ + begin_, end_ - begin_, to_.mean + at);
    std::copy_n(totals_ + t_.K16 + begin_, end_ - begin_, to_.M2 + at);
  }

  const Tiling& t_;
  const WinogradMoments& to_;
  const float* y_;
  size_t begin_, end_;
  double* totals_;
  size_t taken_ = 0;
};

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_WINOGRAD_MOMENTS_INL_H_
