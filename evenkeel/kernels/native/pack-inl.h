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
  for (; k < depth; ++k)
    for (size_t i = 0; i < 4; ++i) to[k * width + i] = from[i * stride + k];
}
#endif

// From `count` lines of `depth` numbers, `stride` apart: number k of each side by side.
inline void pack_across(const float* from, size_t stride, size_t count, size_t depth, size_t width,
                        float* to) {
  size_t j = 0;
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
