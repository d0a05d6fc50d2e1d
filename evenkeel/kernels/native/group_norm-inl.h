// SPDX-License-Identifier: Apache-2.0
// Group norm of x: [rows, C], one sample, per instruction set. Channels are taken in spans of whole
// groups: one group of 16 channels or more, or as many smaller ones as 16 channels hold.
#if defined(EVENKEEL_KERNELS_NATIVE_GROUP_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_GROUP_NORM_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_GROUP_NORM_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_GROUP_NORM_INL_H_
#endif

#include <cmath>

#include "evenkeel/kernels/native/channels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {

// `channels` of each of the `rows`, which are `stride` apart; `group` channels make a group.
struct Span {
  size_t rows, channels, stride, group;

  double count() const { return static_cast<double>(rows * group); }
  size_t groups() const { return channels / group; }
};

// f(span, its first channel) for all spans of C channels.
template <class F>
HWY_INLINE void each_span(size_t rows, size_t C, size_t groups, F f) {
  const size_t group = C / groups;
  const size_t most = group < kWidth ? kWidth / group * group : group;
  for (size_t c = 0; c < C; c += most) f(Span{rows, HWY_MIN(most, C - c), C, group}, c);
}

// The sums over a span's rows of a functor F{tiles.., c, center} on 16 channels, of which `width`
// are the span's; x, dy: at the first of them. F has two sums; kSums of them are taken.
template <size_t kSums, class F>
HWY_INLINE void channel_sums(const Span& span, size_t width, const float* x, const float* dy,
                             const float* center, double (*totals)[kWidth]) {
  const Wide d;
  HWY_ALIGN float x_copy[kBlockRows * kWidth];
  HWY_ALIGN float dy_copy[kBlockRows * kWidth];
  float part[2][kWidth];
  for (size_t k = 0; k < kSums; ++k)
    for (size_t i = 0; i < kWidth; ++i) totals[k][i] = 0;
  for (size_t r = 0; r < span.rows; r += kBlockRows) {
    const size_t rows = HWY_MIN(kBlockRows, span.rows - r);
    const size_t at = r * span.stride;
    const Tile x_tile = tile_of(x + at, span.stride, rows, width, x_copy);
    const Tile dy_tile = dy == x ? x_tile : tile_of(dy + at, span.stride, rows, width, dy_copy);
    for (size_t i = 0; i < kWidth; i += hn::Lanes(d))
      sum_rows<kSums>(rows, i, F{x_tile, dy_tile, i, center}, part);
    for (size_t k = 0; k < kSums; ++k) add_to_double(part[k], totals[k]);
  }
}

// y = f(d, x, dy, channel) for the 16 channels, of which `width` are the span's; y may be x or dy.
template <class F>
HWY_INLINE void map_channels(const Span& span, size_t width, const float* x, const float* dy,
                             float* y, F f) {
  const Wide d;
  HWY_ALIGN float x_copy[kBlockRows * kWidth];
  HWY_ALIGN float dy_copy[kBlockRows * kWidth];
  for (size_t r = 0; r < span.rows; r += kBlockRows) {
    const size_t rows = HWY_MIN(kBlockRows, span.rows - r);
    const size_t at = r * span.stride;
    const Tile x_tile = tile_of(x + at, span.stride, rows, width, x_copy);
    const Tile dy_tile = dy == x ? x_tile : tile_of(dy + at, span.stride, rows, width, dy_copy);
    float* to = width == kWidth ? y + at : x_copy;
    const size_t stride = width == kWidth ? span.stride : kWidth;
    for (size_t row = 0; row < rows; ++row)
      for (size_t i = 0; i < kWidth; i += hn::Lanes(d))
        hn::StoreU(f(d, hn::LoadU(d, x_tile.x + row * x_tile.stride + i),
                     hn::LoadU(d, dy_tile.x + row * dy_tile.stride + i), i),
                   d, to + row * stride + i);
    if (width < kWidth) store_tile(x_copy, rows, width, y + at, span.stride);
  }
}

struct AddDeviations {
  Tile x, unused;
  size_t c;
  const float* center;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V& squares) const {
    const V deviation = hn::Sub(hn::LoadU(d, x.x + r * x.stride + c), hn::LoadU(d, center + c));
    sum = hn::Add(sum, deviation);
    squares = hn::Add(squares, hn::Mul(deviation, deviation));
  }
};

// Of each group in a span: mean = center + left, where the center is a float;
// inverse = 1 / sqrt(variance + epsilon).
struct GroupStatistics {
  float center[kWidth];
  double left[kWidth];
  double inverse[kWidth];

  // The centers of 16 channels from c on.
  void centers(const Span& span, size_t c, float* each) const {
    for (size_t i = 0; i < kWidth; ++i)
      each[i] = c + i < span.channels ? center[(c + i) / span.group] : 0;
  }
};

// sums[0][g], sums[1][g] = the sums of x - center[g] and of its square over the group g.
template <size_t kSums>
HWY_INLINE void deviations(const Span& span, const float* x, const GroupStatistics& s,
                           double (*sums)[kWidth]) {
  float center[kWidth];
  double totals[kSums][kWidth];
  for (size_t k = 0; k < kSums; ++k)
    for (size_t g = 0; g < kWidth; ++g) sums[k][g] = 0;
  for (size_t c = 0; c < span.channels; c += kWidth) {
    const size_t width = HWY_MIN(kWidth, span.channels - c);
    s.centers(span, c, center);
    channel_sums<kSums, AddDeviations>(span, width, x + c, x + c, center, totals);
    for (size_t k = 0; k < kSums; ++k)
      for (size_t i = 0; i < width; ++i) sums[k][(c + i) / span.group] += totals[k][i];
  }
}

// Two passes: around each group's first value, so that equal values have no variance; then around
// the rounded mean.
HWY_INLINE void group_statistics(const Span& span, const float* x, double epsilon,
                                 GroupStatistics& s) {
  const double count = span.count();
  double sums[2][kWidth];
  for (size_t g = 0; g < span.groups(); ++g) s.center[g] = x[g * span.group];
  deviations<1>(span, x, s, sums);
  for (size_t g = 0; g < span.groups(); ++g)
    s.center[g] = static_cast<float>(s.center[g] + sums[0][g] / count);
  deviations<2>(span, x, s, sums);
  for (size_t g = 0; g < span.groups(); ++g) {
    s.left[g] = sums[0][g] / count;
    const double M2 = sums[1][g] - sums[0][g] * s.left[g];
    s.inverse[g] = 1 / std::sqrt((M2 < 0 ? 0 : M2) / count + epsilon);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_GROUP_NORM_INL_H_
