// SPDX-License-Identifier: Apache-2.0
// Copies of parts of matrices in the order that a product reads them in, per instruction set:
// [depth][width], zeros where the matrix ends.
#if defined(EVENKEEL_KERNELS_NATIVE_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_PACK_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_PACK_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_PACK_INL_H_
#endif

#include <cstring>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kRowsAhead = 16;  // asked for: the processor foresees no such strides

// From `depth` rows of which `count` numbers are wanted, `stride` apart: they lie as they shall.
inline void pack_along(const float* from, size_t stride, size_t count, size_t depth, size_t width,
                       float* to) {
  const hn::CappedTag<float, 16> d;
  for (size_t k = 0; k < depth; ++k, from += stride, to += width) {
    hwy::Prefetch(from + kRowsAhead * stride);
    size_t j = 0;
    for (; j + hn::Lanes(d) <= count; j += hn::Lanes(d))
      hn::StoreU(hn::LoadU(d, from + j), d, to + j);
    for (; j < count; ++j) to[j] = from[j];
    for (; j < width; ++j) to[j] = 0;
  }
}
// The same of so few numbers that a copy is a move or two.
template <size_t kWidth>
inline void pack_few_along(const float* from, size_t stride, size_t count, size_t depth,
                           float* to) {
  if (count < kWidth) return pack_along(from, stride, count, depth, kWidth, to);
  for (size_t k = 0; k < depth; ++k, from += stride, to += kWidth) {
    hwy::Prefetch(from + kRowsAhead * stride);
    std::memcpy(to, from, kWidth * sizeof(float));
  }
}

#if HWY_TARGET != HWY_SCALAR
// Four lines of four numbers, transposed.
HWY_INLINE void transpose_4x4(const float* from, size_t stride, size_t width, float* to) {
  const hn::CappedTag<float, 4> d;
  const auto a = hn::LoadU(d, from);
  const auto b = hn::LoadU(d, from + stride);
  const auto c = hn::LoadU(d, from + 2 * stride);
  const auto e = hn::LoadU(d, from + 3 * stride);
  const auto ab = hn::InterleaveLower(d, a, b);
  const auto ce = hn::InterleaveLower(d, c, e);
  const auto ab_upper = hn::InterleaveUpper(d, a, b);
  const auto ce_upper = hn::InterleaveUpper(d, c, e);
  hn::StoreU(hn::ConcatLowerLower(d, ce, ab), d, to);
  hn::StoreU(hn::ConcatUpperUpper(d, ce, ab), d, to + width);
  hn::StoreU(hn::ConcatLowerLower(d, ce_upper, ab_upper), d, to + 2 * width);
  hn::StoreU(hn::ConcatUpperUpper(d, ce_upper, ab_upper), d, to + 3 * width);
}

// Four lines of `depth` numbers.
inline void pack_four(const float* from, size_t stride, size_t depth, size_t width, float* to) {
  size_t k = 0;
  for (; k + 4 <= depth; k += 4) transpose_4x4(from + k, stride, width, to + k * width);
  if (k < depth && depth >= 4) {
    k = depth;  // the last four, some of them for the second time
    transpose_4x4(from + k - 4, stride, width, to + (k - 4) * width);
  }
  for (; k < depth; ++k)
    for (size_t i = 0; i < 4; ++i) to[k * width + i] = from[i * stride + k];
}
#endif

#if HWY_MAX_BYTES >= 32
// Lines i and i + 4 in the halves of a vector.
HWY_INLINE hn::Vec<hn::CappedTag<float, 8>> load_pair(const float* from, size_t stride) {
  const hn::CappedTag<float, 4> half;
  return hn::Combine(hn::CappedTag<float, 8>(), hn::LoadU(half, from + 4 * stride),
                     hn::LoadU(half, from));
}
// Eight lines of four numbers, transposed: half the shuffles of twice four.
HWY_INLINE void transpose_8x4(const float* from, size_t stride, size_t width, float* to) {
  const hn::CappedTag<float, 8> d;
  const hn::Repartition<double, decltype(d)> twos;
  const auto a = load_pair(from, stride);
  const auto b = load_pair(from + stride, stride);
  const auto c = load_pair(from + 2 * stride, stride);
  const auto e = load_pair(from + 3 * stride, stride);
  const auto ab = hn::BitCast(twos, hn::InterleaveLower(d, a, b));
  const auto ce = hn::BitCast(twos, hn::InterleaveLower(d, c, e));
  const auto ab_upper = hn::BitCast(twos, hn::InterleaveUpper(d, a, b));
  const auto ce_upper = hn::BitCast(twos, hn::InterleaveUpper(d, c, e));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(twos, ab, ce)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(twos, ab, ce)), d, to + width);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(twos, ab_upper, ce_upper)), d, to + 2 * width);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(twos, ab_upper, ce_upper)), d, to + 3 * width);
}

// Eight lines of `depth` numbers, at least four.
inline void pack_eight(const float* from, size_t stride, size_t depth, size_t width, float* to) {
  size_t k = 0;
  for (; k + 4 <= depth; k += 4) transpose_8x4(from + k, stride, width, to + k * width);
  // The last four, some of them for the second time.
  if (k < depth) transpose_8x4(from + depth - 4, stride, width, to + (depth - 4) * width);
}
#endif

// From `count` lines of `depth` numbers, `stride` apart: number k of each side by side.
inline void pack_across(const float* from, size_t stride, size_t count, size_t depth, size_t width,
                        float* to) {
  size_t j = 0;
#if HWY_MAX_BYTES >= 32
  for (; depth >= 4 && j + 8 <= count; j += 8)
    pack_eight(from + j * stride, stride, depth, width, to + j);
#endif
#if HWY_TARGET != HWY_SCALAR
  for (; j + 4 <= count; j += 4) pack_four(from + j * stride, stride, depth, width, to + j);
  // What is left of them by four once more, the first of these for the second time.
  if (j < count && count >= 4) {
    j = count;
    pack_four(from + (j - 4) * stride, stride, depth, width, to + j - 4);
  }
#endif
  for (; j < width; ++j)
    for (size_t k = 0; k < depth; ++k) to[k * width + j] = j < count ? from[j * stride + k] : 0;
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
