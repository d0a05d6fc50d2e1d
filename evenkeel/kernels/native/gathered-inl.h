// SPDX-License-Identifier: Apache-2.0
// The cores of direct convolutions, per instruction set: a few pixels by two vectors of channels
// stay in registers over all taps, which find their pixels by a table (gathered.h).
#if defined(EVENKEEL_KERNELS_NATIVE_GATHERED_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_GATHERED_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_GATHERED_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_GATHERED_INL_H_
#endif

#include "evenkeel/kernels/native/gathered.h"
#include "evenkeel/kernels/native/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {

// What a block of pixels reads: x's image, zeros for pixels outside it, and a panel of the kernel,
// [taps][depth][width].
struct GatheredFrom {
  const float* x;
  const float* zeros;
  const float* panel;
  size_t depth;

  HWY_INLINE const float* pixel(const GatheredTap& tap, size_t row) const {
    return tap.from[row] < 0 ? zeros : x + tap.from[row];
  }
};

// Where its sums go: `columns` channels of a panel's two vectors, biases as many as they hold.
struct GatheredTo {
  float* y;
  size_t columns;
  const float* bias;  // or null
  bool relu;
};

HWY_INLINE PanelV finished(const GatheredTo& to, PanelV sum, size_t at) {
  const PanelLanes d;
  if (to.bias != nullptr) sum = hn::Add(sum, hn::LoadU(d, to.bias + at));
  if (to.relu) sum = hn::IfThenZeroElse(hn::Le(sum, hn::Zero(d)), sum);  // NaN stays
  return sum;
}
// The vector that begins with channel `at` of the panel.
HWY_INLINE void finish_vector(const GatheredTo& to, int32_t pixel, PanelV sum, size_t at) {
  const PanelLanes d;
  sum = finished(to, sum, at);
  float* y = to.y + pixel + at;
  if (HWY_LIKELY(at + hn::Lanes(d) <= to.columns)) return hn::StoreU(sum, d, y);
  HWY_ALIGN float copy[hn::MaxLanes(PanelLanes())];
  hn::Store(sum, d, copy);
  for (size_t c = 0; at + c < to.columns; ++c) y[c] = copy[c];
}
HWY_INLINE void finish_pixel(const GatheredTo& to, int32_t pixel, PanelV left, PanelV right) {
  finish_vector(to, pixel, left, 0);
  finish_vector(to, pixel, right, hn::Lanes(PanelLanes()));
}

// kCount pixels by two vectors: tap by tap, each in the order of its channels. (Spelled out as
// product_rows is, for its reasons.)
template <size_t kCount>
HWY_NOINLINE void gathered_pair(const GatheredBlock& block, const GatheredTap* tap,
                                const GatheredFrom& from, const GatheredTo& to) {
  const PanelLanes d;
  const size_t L = hn::Lanes(d);
  PanelV s00 = hn::Zero(d), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  PanelV s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  for (const GatheredTap* end = tap + block.taps; tap != end; ++tap) {
    const float* b = from.panel + static_cast<size_t>(tap->tap) * from.depth * 2 * L;
    const float* x0 = from.pixel(*tap, 0);
    const float* x1 = from.pixel(*tap, 1);
    const float* x2 = from.pixel(*tap, 2);
    const float* x3 = from.pixel(*tap, 3);
    const float* x4 = from.pixel(*tap, 4);
    const float* x5 = from.pixel(*tap, 5);
    HWY_UNROLL(4)
    for (size_t c = 0; c < from.depth; ++c, b += 2 * L) {
      const PanelV b0 = hn::LoadU(d, b);
      const PanelV b1 = hn::LoadU(d, b + L);
      add_row(x0 + c, b0, b1, s00, s01);
      if constexpr (kCount > 1) add_row(x1 + c, b0, b1, s10, s11);
      if constexpr (kCount > 2) add_row(x2 + c, b0, b1, s20, s21);
      if constexpr (kCount > 3) add_row(x3 + c, b0, b1, s30, s31);
      if constexpr (kCount > 4) add_row(x4 + c, b0, b1, s40, s41);
      if constexpr (kCount > 5) add_row(x5 + c, b0, b1, s50, s51);
    }
  }
  finish_pixel(to, block.to[0], s00, s01);
  if constexpr (kCount > 1) finish_pixel(to, block.to[1], s10, s11);
  if constexpr (kCount > 2) finish_pixel(to, block.to[2], s20, s21);
  if constexpr (kCount > 3) finish_pixel(to, block.to[3], s30, s31);
  if constexpr (kCount > 4) finish_pixel(to, block.to[4], s40, s41);
  if constexpr (kCount > 5) finish_pixel(to, block.to[5], s50, s51);
}

HWY_INLINE void add_term(const float* factor, PanelV b, PanelV& sum) {
  sum = hn::MulAdd(hn::Set(PanelLanes(), *factor), b, sum);
}
HWY_INLINE void add_two_terms(const float* factors, PanelV b0, PanelV b1, PanelV& even,
                              PanelV& odd) {
  add_term(factors, b0, even);
  add_term(factors + 1, b1, odd);
}

// By a single vector: even and odd channels are summed apart, because six sums alone would wait
// for one another.
template <size_t kCount>
HWY_NOINLINE void gathered_single(const GatheredBlock& block, const GatheredTap* tap,
                                  const GatheredFrom& from, const GatheredTo& to) {
  const PanelLanes d;
  const size_t L = hn::Lanes(d);
  PanelV s00 = hn::Zero(d), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  PanelV s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  for (const GatheredTap* end = tap + block.taps; tap != end; ++tap) {
    const float* b = from.panel + static_cast<size_t>(tap->tap) * from.depth * L;
    const float* x0 = from.pixel(*tap, 0);
    const float* x1 = from.pixel(*tap, 1);
    const float* x2 = from.pixel(*tap, 2);
    const float* x3 = from.pixel(*tap, 3);
    const float* x4 = from.pixel(*tap, 4);
    const float* x5 = from.pixel(*tap, 5);
    size_t c = 0;
    HWY_UNROLL(2)
    for (; c + 1 < from.depth; c += 2, b += 2 * L) {
      const PanelV b0 = hn::LoadU(d, b);
      const PanelV b1 = hn::LoadU(d, b + L);
      add_two_terms(x0 + c, b0, b1, s00, s01);
      if constexpr (kCount > 1) add_two_terms(x1 + c, b0, b1, s10, s11);
      if constexpr (kCount > 2) add_two_terms(x2 + c, b0, b1, s20, s21);
      if constexpr (kCount > 3) add_two_terms(x3 + c, b0, b1, s30, s31);
      if constexpr (kCount > 4) add_two_terms(x4 + c, b0, b1, s40, s41);
      if constexpr (kCount > 5) add_two_terms(x5 + c, b0, b1, s50, s51);
    }
    if (c == from.depth) continue;
    const PanelV b0 = hn::LoadU(d, b);
    add_term(x0 + c, b0, s00);
    if constexpr (kCount > 1) add_term(x1 + c, b0, s10);
    if constexpr (kCount > 2) add_term(x2 + c, b0, s20);
    if constexpr (kCount > 3) add_term(x3 + c, b0, s30);
    if constexpr (kCount > 4) add_term(x4 + c, b0, s40);
    if constexpr (kCount > 5) add_term(x5 + c, b0, s50);
  }
  finish_vector(to, block.to[0], hn::Add(s00, s01), 0);
  if constexpr (kCount > 1) finish_vector(to, block.to[1], hn::Add(s10, s11), 0);
  if constexpr (kCount > 2) finish_vector(to, block.to[2], hn::Add(s20, s21), 0);
  if constexpr (kCount > 3) finish_vector(to, block.to[3], hn::Add(s30, s31), 0);
  if constexpr (kCount > 4) finish_vector(to, block.to[4], hn::Add(s40, s41), 0);
  if constexpr (kCount > 5) finish_vector(to, block.to[5], hn::Add(s50, s51), 0);
}

template <size_t kCount>
HWY_INLINE void gathered_block(const GatheredBlock& block, const GatheredTap* taps,
                               const GatheredFrom& from, const GatheredTo& to, bool pair) {
  if (pair)
    gathered_pair<kCount>(block, taps + block.first, from, to);
  else
    gathered_single<kCount>(block, taps + block.first, from, to);
}
// The sums of any block.
HWY_INLINE void gathered(const GatheredBlock& block, const GatheredTap* taps,
                         const GatheredFrom& from, const GatheredTo& to, bool pair) {
  switch (block.rows) {
    case 1:
      return gathered_block<1>(block, taps, from, to, pair);
    case 2:
      return gathered_block<2>(block, taps, from, to, pair);
    case 3:
      return gathered_block<3>(block, taps, from, to, pair);
    case 4:
      return gathered_block<4>(block, taps, from, to, pair);
    case 5:
      return gathered_block<5>(block, taps, from, to, pair);
    default:
      return gathered_block<6>(block, taps, from, to, pair);
  }
}

HWY_INLINE void add_to_row(float* sums, size_t row, PanelV left, PanelV right) {
  const PanelLanes d;
  const Result to = {sums, 2 * hn::Lanes(d)};
  finish_row(Addend{sums, to.stride}, row, left, right, to);
}

// sums[i, k] += sum over pairs of x[i] slopes[k] for kCount channels of x and the two vectors of
// a panel of slopes, [pixels][panel_width()].
template <size_t kCount>
HWY_NOINLINE void add_pixel_pairs(const float* x, const float* slopes, const PixelPair* pair,
                                  size_t count, float* sums) {
  const PanelLanes d;
  const size_t L = hn::Lanes(d);
  PanelV s00 = hn::Zero(d), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  PanelV s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  HWY_UNROLL(4)
  for (size_t i = 0; i < count; ++i) {
    const float* at = x + pair[i].x;
    const float* b = slopes + static_cast<size_t>(pair[i].slope) * 2 * L;
    const PanelV b0 = hn::LoadU(d, b);
    const PanelV b1 = hn::LoadU(d, b + L);
    add_row(at, b0, b1, s00, s01);
    if constexpr (kCount > 1) add_row(at + 1, b0, b1, s10, s11);
    if constexpr (kCount > 2) add_row(at + 2, b0, b1, s20, s21);
    if constexpr (kCount > 3) add_row(at + 3, b0, b1, s30, s31);
    if constexpr (kCount > 4) add_row(at + 4, b0, b1, s40, s41);
    if constexpr (kCount > 5) add_row(at + 5, b0, b1, s50, s51);
  }
  add_to_row(sums, 0, s00, s01);
  if constexpr (kCount > 1) add_to_row(sums, 1, s10, s11);
  if constexpr (kCount > 2) add_to_row(sums, 2, s20, s21);
  if constexpr (kCount > 3) add_to_row(sums, 3, s30, s31);
  if constexpr (kCount > 4) add_to_row(sums, 4, s40, s41);
  if constexpr (kCount > 5) add_to_row(sums, 5, s50, s51);
}

// For any 1 to kGatheredRows channels.
HWY_INLINE void add_pixel_pairs(size_t channels, const float* x, const float* slopes,
                                const PixelPair* pairs, size_t count, float* sums) {
  switch (channels) {
    case 1:
      return add_pixel_pairs<1>(x, slopes, pairs, count, sums);
    case 2:
      return add_pixel_pairs<2>(x, slopes, pairs, count, sums);
    case 3:
      return add_pixel_pairs<3>(x, slopes, pairs, count, sums);
    case 4:
      return add_pixel_pairs<4>(x, slopes, pairs, count, sums);
    case 5:
      return add_pixel_pairs<5>(x, slopes, pairs, count, sums);
    default:
      return add_pixel_pairs<6>(x, slopes, pairs, count, sums);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
