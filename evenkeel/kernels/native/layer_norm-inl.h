// SPDX-License-Identifier: Apache-2.0
// Layer norm of rows of C values, per instruction set: vectors along the row, 16 sums side by side
// whatever the vector's width, and the last C % 16 values one by one.
#if defined(EVENKEEL_KERNELS_NATIVE_LAYER_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_LAYER_NORM_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_LAYER_NORM_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_LAYER_NORM_INL_H_
#endif

#include <cmath>

#include "evenkeel/kernels/native/channels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {

using One = hn::CappedTag<float, 1>;

// f.at(d, i, sum, other) seen as a function of rows of 16.
template <class F>
struct RowsOf16 {
  const F& f;
  size_t begin;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V& other) const {
    f.at(d, begin + r * kWidth, sum, other);
  }
};

// totals[k] = the sums over the row of what f.at(d, i, sum, other) adds for the values from i on.
template <size_t kSums, class F>
HWY_INLINE void sum_row(size_t C, const F& f, double* totals) {
  const Wide d;
  const One one;
  const size_t whole = C / kWidth;
  double lanes[2][kWidth] = {};
  float part[2][kWidth];
  for (size_t r = 0; r < whole; r += kBlockRows) {
    const size_t rows = HWY_MIN(kBlockRows, whole - r);
    for (size_t i = 0; i < kWidth; i += hn::Lanes(d))
      sum_rows<kSums>(rows, i, RowsOf16<F>{f, r * kWidth + i}, part);
    for (size_t k = 0; k < kSums; ++k) add_to_double(part[k], lanes[k]);
  }
  for (size_t k = 0; k < kSums; ++k) {
    totals[k] = 0;
    for (size_t i = 0; i < kWidth; ++i) totals[k] += lanes[k][i];
  }
  for (size_t i = whole * kWidth; i < C; ++i) {
    auto sum = hn::Zero(one), other = hn::Zero(one);
    f.at(one, i, sum, other);
    totals[0] += hn::GetLane(sum);
    if (kSums == 2) totals[1] += hn::GetLane(other);
  }
}

// y[i] = f(d, i) for the values from i on.
template <class F>
HWY_INLINE void map_row(size_t C, float* y, const F& f) {
  const Wide d;
  const One one;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= C; i += hn::Lanes(d)) hn::StoreU(f(d, i), d, y + i);
  for (; i < C; ++i) hn::StoreU(f(one, i), one, y + i);
}

struct RowDeviations {
  const float* x;
  float center;
  template <class D, class V>
  HWY_INLINE void at(D d, size_t i, V& sum, V& squares) const {
    const V deviation = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, center));
    sum = hn::Add(sum, deviation);
    squares = hn::Add(squares, hn::Mul(deviation, deviation));
  }
};

// mean = center + left, where the center is a float; inverse = 1 / sqrt(variance + epsilon).
struct RowStatistics {
  float center;
  double left;
  double inverse;

  // xhat = (x - center) inverse + shift.
  float shift() const { return static_cast<float>(-left * inverse); }
};

// Two passes: around the first value, so that equal values have no variance; then around the
// rounded mean.
HWY_INLINE RowStatistics row_statistics(const float* x, size_t C, double epsilon) {
  const double count = static_cast<double>(C);
  double sums[2];
  sum_row<1>(C, RowDeviations{x, x[0]}, sums);
  RowStatistics s = {};
  s.center = static_cast<float>(x[0] + sums[0] / count);
  sum_row<2>(C, RowDeviations{x, s.center}, sums);
  s.left = sums[0] / count;
  const double M2 = sums[1] - sums[0] * s.left;
  s.inverse = 1 / std::sqrt((M2 < 0 ? 0 : M2) / count + epsilon);
  return s;
}

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif  // EVENKEEL_KERNELS_NATIVE_LAYER_NORM_INL_H_
