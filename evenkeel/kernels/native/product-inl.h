// SPDX-License-Identifier: Apache-2.0
// The core of matrix products, per instruction set: up to kRows rows of the result by one panel of
// columns stay in registers while the sum runs.
#if defined(EVENKEEL_KERNELS_NATIVE_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_PRODUCT_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_PRODUCT_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_PRODUCT_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Two vectors by six rows: 12 sums, 2 columns and a factor fit 16 registers. Of AVX-512's 32 twelve
// rows fill 27: short sums, as of spectra and tiles, begin and end half as often.
using PanelLanes = hn::CappedTag<float, 16>;
constexpr size_t kRows = HWY_MAX_BYTES == 64 ? 12 : 6;
HWY_INLINE size_t panel_width() { return 2 * hn::Lanes(PanelLanes()); }

// Element (row, k) of the left factor.
struct Left {
  const float* at;
  size_t row;
  size_t k;
};

// Rows of the right factor, `step` floats apart, of which two vectors are taken: the second lies
// `right` floats behind the first.
struct Panel {
  const float* at;
  size_t step;
  size_t right;
};

// Rows of the result, `stride` floats apart.
struct Result {
  float* at;
  size_t stride;
};

// What is added to each row; a stride of 0 adds one row to all.
struct Addend {
  const float* at;
  size_t stride;
};

using PanelV = hn::Vec<PanelLanes>;

HWY_INLINE void load_row(const Addend& from, size_t row, PanelV& left, PanelV& right) {
  const PanelLanes d;
  left = hn::LoadU(d, from.at + row * from.stride);
  right = hn::LoadU(d, from.at + row * from.stride + hn::Lanes(d));
}
HWY_INLINE void store_row(const Result& to, size_t row, PanelV left, PanelV right) {
  const PanelLanes d;
  hn::StoreU(left, d, to.at + row * to.stride);
  hn::StoreU(right, d, to.at + row * to.stride + hn::Lanes(d));
}
// Added last, so that a sum in parts has the roundings of a part.
HWY_INLINE void finish_row(const Addend& start, size_t row, PanelV left, PanelV right,
                           const Result& y) {
  if (start.at != nullptr) {
    PanelV from_left, from_right;
    load_row(start, row, from_left, from_right);
    left = hn::Add(left, from_left);
    right = hn::Add(right, from_right);
  }
  store_row(y, row, left, right);
}
HWY_INLINE void add_row(const float* factor, PanelV b0, PanelV b1, PanelV& left, PanelV& right) {
  const PanelV by = hn::Set(PanelLanes(), *factor);
  left = hn::MulAdd(by, b0, left);
  right = hn::MulAdd(by, b1, right);
}

// y = start + a b for kCount rows and the two vectors of a panel. `start` null: none. Every
// element is summed in the order of k, whatever kCount is. (Spelled out: g++ 12 does not inline
// lambdas here, and vectors of unknown length cannot stand in an array. Not inlined: amid other
// code it keeps sums in memory.)
template <size_t kCount>
HWY_NOINLINE void product_rows(const Left& a, const Panel& panel, size_t K, const Addend& start,
                               const Result& y) {
  const PanelLanes d;
  const float* b = panel.at;
  PanelV s00 = hn::Zero(d), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  PanelV s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  PanelV s60 = s00, s61 = s00, s70 = s00, s71 = s00, s80 = s00, s81 = s00;
  PanelV s90 = s00, s91 = s00, sa0 = s00, sa1 = s00, sb0 = s00, sb1 = s00;
  const float* factor = a.at;
  // Four at a time: a taken branch for every twelve products would cost as much as one of them.
  HWY_UNROLL(4)
  for (size_t k = 0; k < K; ++k, b += panel.step, factor += a.k) {
    const PanelV b0 = hn::LoadU(d, b);
    const PanelV b1 = hn::LoadU(d, b + panel.right);
    add_row(factor, b0, b1, s00, s01);
    if constexpr (kCount > 1) add_row(factor + a.row, b0, b1, s10, s11);
    if constexpr (kCount > 2) add_row(factor + 2 * a.row, b0, b1, s20, s21);
    if constexpr (kCount > 3) add_row(factor + 3 * a.row, b0, b1, s30, s31);
    if constexpr (kCount > 4) add_row(factor + 4 * a.row, b0, b1, s40, s41);
    if constexpr (kCount > 5) add_row(factor + 5 * a.row, b0, b1, s50, s51);
    if constexpr (kCount > 6) add_row(factor + 6 * a.row, b0, b1, s60, s61);
    if constexpr (kCount > 7) add_row(factor + 7 * a.row, b0, b1, s70, s71);
    if constexpr (kCount > 8) add_row(factor + 8 * a.row, b0, b1, s80, s81);
    if constexpr (kCount > 9) add_row(factor + 9 * a.row, b0, b1, s90, s91);
    if constexpr (kCount > 10) add_row(factor + 10 * a.row, b0, b1, sa0, sa1);
    if constexpr (kCount > 11) add_row(factor + 11 * a.row, b0, b1, sb0, sb1);
  }
  finish_row(start, 0, s00, s01, y);
  if constexpr (kCount > 1) finish_row(start, 1, s10, s11, y);
  if constexpr (kCount > 2) finish_row(start, 2, s20, s21, y);
  if constexpr (kCount > 3) finish_row(start, 3, s30, s31, y);
  if constexpr (kCount > 4) finish_row(start, 4, s40, s41, y);
  if constexpr (kCount > 5) finish_row(start, 5, s50, s51, y);
  if constexpr (kCount > 6) finish_row(start, 6, s60, s61, y);
  if constexpr (kCount > 7) finish_row(start, 7, s70, s71, y);
  if constexpr (kCount > 8) finish_row(start, 8, s80, s81, y);
  if constexpr (kCount > 9) finish_row(start, 9, s90, s91, y);
  if constexpr (kCount > 10) finish_row(start, 10, sa0, sa1, y);
  if constexpr (kCount > 11) finish_row(start, 11, sb0, sb1, y);
}

// The same for any 1 to kRows rows.
template <size_t kCount = kRows>
HWY_INLINE void product(size_t rows, const Left& a, const Panel& b, size_t K, const Addend& start,
                        const Result& y) {
  if constexpr (kCount > 1)
    if (rows < kCount) return product<kCount - 1>(rows, a, b, K, start, y);
  product_rows<kCount>(a, b, K, start, y);
}
// By a panel b: [K][panel_width()].
HWY_INLINE void product(size_t rows, const Left& a, const float* b, size_t K, const Addend& start,
                        const Result& y) {
  product(rows, a, Panel{b, panel_width(), hn::Lanes(PanelLanes())}, K, start, y);
}

HWY_INLINE void finish_half_row(const Addend& start, size_t row, PanelV sum, const Result& y) {
  const PanelLanes d;
  if (start.at != nullptr) sum = hn::Add(sum, hn::LoadU(d, start.at + row * start.stride));
  hn::StoreU(sum, d, y.at + row * y.stride);
}

// The same for a single vector, where no second one is left: as many rows as hide the latency.
constexpr size_t kHalfRows = HWY_MAX_BYTES == 64 ? 16 : 8;
template <size_t kCount>
HWY_NOINLINE void half_product_rows(const Left& a, const Panel& panel, size_t K,
                                    const Addend& start, const Result& y) {
  const PanelLanes d;
  PanelV s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  PanelV s8 = s0, s9 = s0, sa = s0, sb = s0, sc = s0, sd = s0, se = s0, sf = s0;
  const float* b = panel.at;
  const float* factor = a.at;
  HWY_UNROLL(4)
  for (size_t k = 0; k < K; ++k, b += panel.step, factor += a.k) {
    const PanelV row = hn::LoadU(d, b);
    s0 = hn::MulAdd(hn::Set(d, factor[0]), row, s0);
    if constexpr (kCount > 1) s1 = hn::MulAdd(hn::Set(d, factor[a.row]), row, s1);
    if constexpr (kCount > 2) s2 = hn::MulAdd(hn::Set(d, factor[2 * a.row]), row, s2);
    if constexpr (kCount > 3) s3 = hn::MulAdd(hn::Set(d, factor[3 * a.row]), row, s3);
    if constexpr (kCount > 4) s4 = hn::MulAdd(hn::Set(d, factor[4 * a.row]), row, s4);
    if constexpr (kCount > 5) s5 = hn::MulAdd(hn::Set(d, factor[5 * a.row]), row, s5);
    if constexpr (kCount > 6) s6 = hn::MulAdd(hn::Set(d, factor[6 * a.row]), row, s6);
    if constexpr (kCount > 7) s7 = hn::MulAdd(hn::Set(d, factor[7 * a.row]), row, s7);
    if constexpr (kCount > 8) s8 = hn::MulAdd(hn::Set(d, factor[8 * a.row]), row, s8);
    if constexpr (kCount > 9) s9 = hn::MulAdd(hn::Set(d, factor[9 * a.row]), row, s9);
    if constexpr (kCount > 10) sa = hn::MulAdd(hn::Set(d, factor[10 * a.row]), row, sa);
    if constexpr (kCount > 11) sb = hn::MulAdd(hn::Set(d, factor[11 * a.row]), row, sb);
    if constexpr (kCount > 12) sc = hn::MulAdd(hn::Set(d, factor[12 * a.row]), row, sc);
    if constexpr (kCount > 13) sd = hn::MulAdd(hn::Set(d, factor[13 * a.row]), row, sd);
    if constexpr (kCount > 14) se = hn::MulAdd(hn::Set(d, factor[14 * a.row]), row, se);
    if constexpr (kCount > 15) sf = hn::MulAdd(hn::Set(d, factor[15 * a.row]), row, sf);
  }
  finish_half_row(start, 0, s0, y);
  if constexpr (kCount > 1) finish_half_row(start, 1, s1, y);
  if constexpr (kCount > 2) finish_half_row(start, 2, s2, y);
  if constexpr (kCount > 3) finish_half_row(start, 3, s3, y);
  if constexpr (kCount > 4) finish_half_row(start, 4, s4, y);
  if constexpr (kCount > 5) finish_half_row(start, 5, s5, y);
  if constexpr (kCount > 6) finish_half_row(start, 6, s6, y);
  if constexpr (kCount > 7) finish_half_row(start, 7, s7, y);
  if constexpr (kCount > 8) finish_half_row(start, 8, s8, y);
  if constexpr (kCount > 9) finish_half_row(start, 9, s9, y);
  if constexpr (kCount > 10) finish_half_row(start, 10, sa, y);
  if constexpr (kCount > 11) finish_half_row(start, 11, sb, y);
  if constexpr (kCount > 12) finish_half_row(start, 12, sc, y);
  if constexpr (kCount > 13) finish_half_row(start, 13, sd, y);
  if constexpr (kCount > 14) finish_half_row(start, 14, se, y);
  if constexpr (kCount > 15) finish_half_row(start, 15, sf, y);
}

// The same for any 1 to kHalfRows rows.
template <size_t kCount = kHalfRows>
HWY_INLINE void half_product(size_t rows, const Left& a, const Panel& b, size_t K,
                             const Addend& start, const Result& y) {
  if constexpr (kCount > 1)
    if (rows < kCount) return half_product<kCount - 1>(rows, a, b, K, start, y);
  half_product_rows<kCount>(a, b, K, start, y);
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
