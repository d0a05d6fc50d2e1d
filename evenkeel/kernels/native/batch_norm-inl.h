// SPDX-License-Identifier: Apache-2.0
// Batch norm's own arithmetic, per instruction set: y of x, moments and the gradient's sums by
// blocks of kBlockRows rows, the same bytes in whichever kernel they stand.
#if defined(EVENKEEL_KERNELS_NATIVE_BATCH_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_BATCH_NORM_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_BATCH_NORM_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_BATCH_NORM_INL_H_
#endif

#include "evenkeel/kernels/native/batch_norm.h"
#include "evenkeel/kernels/native/channels-inl.h"
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {

// y = (x - centre) scale + shift, channel by channel.
struct Affine {
  const float *centre, *scale, *shift;
  Affine from(size_t c) const { return {centre + c, scale + c, shift + c}; }
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, size_t c) const {
    const V scaled = hn::Mul(hn::Sub(x, hn::LoadU(d, centre + c)), hn::LoadU(d, scale + c));
    return hn::Add(scaled, hn::LoadU(d, shift + c));
  }
};
// The same for `kSize` channels, to be filled.
template <size_t kSize>
struct AffineOf {
  HWY_ALIGN float centre[kSize];
  HWY_ALIGN float scale[kSize];
  HWY_ALIGN float shift[kSize];
  Affine view() const { return {centre, scale, shift}; }
};

// Batch norm's y of `width` channels, in whole blocks whose last channels are 0 where x is. What
// the mean's rounding to a centre leaves goes into the shift.
HWY_INLINE void load_normalisation(const Normalisation& n, size_t width, float* centre,
                                   float* scale, float* shift) {
  double inverse[kWidth];
  double rest[kWidth];
  for (size_t i = 0; i < width; i += kWidth) {
    const size_t channels = HWY_MIN(kWidth, width - i);
    inverse_deviation(n.count + i, n.M2 + i, channels, n.epsilon, inverse);
    load_centres(n.mean + i, channels, centre + i, rest);
    load_channels(n.gamma + i, channels, 0.0F, scale + i);
    load_channels(n.beta + i, channels, 0.0F, shift + i);
    for (size_t j = 0; j < kWidth; ++j) {
      const double by = scale[i + j] * inverse[j];
      scale[i + j] = static_cast<float>(by);
      shift[i + j] = static_cast<float>(shift[i + j] - rest[j] * by);
    }
  }
}

// Moments ------------------------------------------------------------------------------------

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

// The gradient's sums ------------------------------------------------------------------------

// kRectified: dy where y, as `normalise` makes it, is above 0.
template <bool kRectified>
struct AddGradients {
  Tile dy, x;
  size_t c;
  Affine normalise;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V& products) const {
    V g = hn::LoadU(d, dy.x + r * dy.stride + c);
    const V value = hn::LoadU(d, x.x + r * x.stride + c);
    if constexpr (kRectified) g = RectifyGrad()(d, g, normalise(d, value, c));
    prefetch_beside(dy.x + r * dy.stride);
    prefetch_beside(x.x + r * x.stride);
    sum = hn::Add(sum, g);
    products = hn::Add(products, hn::Mul(g, hn::Sub(value, hn::LoadU(d, normalise.centre + c))));
  }
};

// Adds those of a block of rows of 16 channels: dy and dy (x - centre). Of normalise only the
// centre is read unless kRectified.
template <bool kRectified>
HWY_INLINE void add_gradients(const Tile& dy, const Tile& x, size_t rows, const Affine& normalise,
                              double (*totals)[kWidth]) {
  const Wide d;
  float sums[2][kWidth];
  for (size_t i = 0; i < kWidth; i += hn::Lanes(d))
    sum_rows<2>(rows, i, AddGradients<kRectified>{dy, x, i, normalise}, sums);
  add_to_double(sums[0], totals[0]);
  add_to_double(sums[1], totals[1]);
}

// dbeta and dgamma of up to 16 channels from their totals, which are about the centre.
HWY_INLINE void store_gradients(const Normalisation& n, size_t channels, double (*totals)[kWidth],
                                float* dbeta, float* dgamma) {
  float centre[kWidth];
  double rest[kWidth];
  double inverse[kWidth];
  load_centres(n.mean, channels, centre, rest);
  inverse_deviation(n.count, n.M2, channels, n.epsilon, inverse);
  for (size_t i = 0; i < kWidth; ++i)
    totals[1][i] = (totals[1][i] - rest[i] * totals[0][i]) * inverse[i];
  store_channels(totals[0], channels, dbeta);
  store_channels(totals[1], channels, dgamma);
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_BATCH_NORM_INL_H_
