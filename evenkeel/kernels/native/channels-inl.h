// SPDX-License-Identifier: Apache-2.0
// Per-channel sums and maps over x: [rows, C], per instruction set: 16 channels at a time, vectors
// along C. A channel's sums are taken in the same order whatever the vector's width, and nothing is
// fused (Mul and Add), so every instruction set gives the same bytes.
#if defined(EVENKEEL_KERNELS_NATIVE_CHANNELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_CHANNELS_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_CHANNELS_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_CHANNELS_INL_H_
#endif

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kWidth = 16;       // channels of a block
constexpr size_t kBlockRows = 128;  // of 16 channels: 8 KB, which stay in L1 for a second pass
using Wide = hn::CappedTag<float, kWidth>;
using WideDouble = hn::CappedTag<double, kWidth / 2>;
using HalfOfWide = hn::Rebind<float, WideDouble>;

// 16 values of a per-channel operand, `filler` where fewer are left.
template <typename T>
HWY_INLINE void load_channels(const T* v, size_t channels, T filler, T* to) {
  for (size_t c = 0; c < kWidth; ++c) to[c] = c < channels ? v[c] : filler;
}
template <typename T, typename U>
HWY_INLINE void store_channels(const T* v, size_t channels, U* to) {
  for (size_t c = 0; c < channels; ++c) to[c] = static_cast<U>(v[c]);
}

// Means as f32, which x - centre is exact with where both are large, and what that left over.
HWY_INLINE void load_centres(const double* mean, size_t channels, float* centre, double* rest) {
  for (size_t c = 0; c < kWidth; ++c) {
    centre[c] = c < channels ? static_cast<float>(mean[c]) : 0.0F;
    rest[c] = c < channels ? mean[c] - static_cast<double>(centre[c]) : 0.0;
  }
}

// Rows of 16 channels, zeros where fewer are left: x itself, or a copy in `copy`.
struct Tile {
  const float* x;
  size_t stride;
};
HWY_INLINE Tile tile_of(const float* x, size_t stride, size_t rows, size_t channels, float* copy) {
  if (channels == kWidth) return {x, stride};
  for (size_t r = 0; r < rows; ++r)
    load_channels(x + r * stride, channels, 0.0F, copy + r * kWidth);
  return {copy, kWidth};
}

HWY_INLINE void store_tile(const float* tile, size_t rows, size_t channels, float* y,
                           size_t stride) {
  for (size_t r = 0; r < rows; ++r) store_channels(tile + r * kWidth, channels, y + r * stride);
}

// How many of the `left` channels to map at a time: whole blocks side by side, so that rows are
// read in long pieces, and what is less than a block alone.
constexpr size_t kGroup = 16 * kWidth;
HWY_INLINE size_t group_width(size_t left) {
  return left < kWidth ? left : HWY_MIN(kGroup, left / kWidth * kWidth);
}

// Asks for the 16 channels beside these, which the next block reads.
HWY_INLINE void prefetch_beside(const float* x) { hwy::Prefetch(x + kWidth); }

// Adds sum over rows of f(row) into each of `kSums` vectors; four partial sums hide the latency.
template <size_t kSums, class F>
HWY_INLINE void sum_rows(size_t rows, size_t c, F f, float (*sums)[kWidth]) {
  const Wide d;
  auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
  auto t0 = hn::Zero(d), t1 = hn::Zero(d), t2 = hn::Zero(d), t3 = hn::Zero(d);
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    f(d, r, s0, t0);
    f(d, r + 1, s1, t1);
    f(d, r + 2, s2, t2);
    f(d, r + 3, s3, t3);
  }
  for (; r < rows; ++r) f(d, r, s0, t0);
  hn::StoreU(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), d, sums[0] + c);
  if (kSums == 2) hn::StoreU(hn::Add(hn::Add(t0, t1), hn::Add(t2, t3)), d, sums[1] + c);
}

// total[c] += part[c].
HWY_INLINE void add_to_double(const float* part, double* total) {
  const WideDouble d;
  const HalfOfWide half;
  for (size_t c = 0; c < kWidth; c += hn::Lanes(d))
    hn::StoreU(hn::Add(hn::LoadU(d, total + c), hn::PromoteTo(d, hn::LoadU(half, part + c))), d,
               total + c);
}

// 1 / sqrt(M2 / count + epsilon) of the 16 channels.
HWY_INLINE void inverse_deviation(const double* count, const double* M2, size_t channels,
                                  double epsilon, double* result) {
  const WideDouble d;
  double n[kWidth];
  double m2[kWidth];
  load_channels(count, channels, 1.0, n);
  load_channels(M2, channels, 0.0, m2);
  for (size_t c = 0; c < kWidth; c += hn::Lanes(d)) {
    const auto variance = hn::Div(hn::LoadU(d, m2 + c), hn::LoadU(d, n + c));
    const auto deviation = hn::Sqrt(hn::Add(variance, hn::Set(d, epsilon)));
    hn::StoreU(hn::Div(hn::Set(d, 1.0), deviation), d, result + c);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_CHANNELS_INL_H_
