// SPDX-License-Identifier: Apache-2.0
// The statistics of batch norm.
#include <algorithm>
#include <cmath>

#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/moments.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// x: `count` values of one channel, `stride` apart. Around the first value, so that a constant
// channel's mean is that constant and its M2 exactly 0.
template <typename T>
Moments two_pass(const T* x, std::int64_t count, std::int64_t stride) {
  const double pivot = x[0];
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += x[i * stride] - pivot;
  const double mean = pivot + sum / static_cast<double>(count);
  double M2 = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double d = x[i * stride] - mean;
    M2 += d * d;
  }
  return {static_cast<double>(count), mean, M2};
}

struct ChannelMomentsKernel : FloatKernel {
  using Op = ChannelMoments;
  static constexpr std::string_view name = "reference/channel_moments";
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::int64_t kBlock = 256;  // rows

  // x: [..,C] -> count, mean, M2: [C], or [N,C]
  template <typename T>
  static void run(const Operands<ChannelMoments>& o) {
    const auto [all_rows, C] = o.rows(0);
    const std::int64_t samples = o.op.each_sample ? o.in_shape(0)[0] : 1;
    const std::int64_t rows = all_rows / samples;
    for (std::int64_t i = 0; i < samples * C; ++i) {
      const T* x = o.in<T>(0) + i / C * rows * C + i % C;
      Moments total;
      for (std::int64_t row = 0; row < rows; row += kBlock)
        total = merge(total, two_pass(x + row * C, std::min(kBlock, rows - row), C));
      o.out<double>(0)[i] = total.count;
      o.out<double>(1)[i] = total.mean;
      o.out<double>(2)[i] = total.M2;
    }
  }
};

struct MergeMomentsKernel : FloatKernel {
  using Op = MergeMoments;
  static constexpr std::string_view name = "reference/merge_moments";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}, InPlace{2, 2},
                                          InPlace{3, 0}, InPlace{4, 1}, InPlace{5, 2}};
  static DType dtype(const Call& call) { return call.inputs[1].dtype; }

  // count, mean, M2: [C], twice -> once
  template <typename T>
  static void run(const Operands<MergeMoments>& o) {
    const std::int64_t C = o.in_shape(0)[0];
    for (std::int64_t c = 0; c < C; ++c) {
      const Moments a = {o.in<double>(0)[c], o.in<double>(1)[c], o.in<double>(2)[c]};
      const Moments b = {o.in<double>(3)[c], o.in<double>(4)[c], o.in<double>(5)[c]};
      const Moments both = merge(a, b);
      o.out<double>(0)[c] = both.count;
      o.out<double>(1)[c] = both.mean;
      o.out<double>(2)[c] = both.M2;
    }
  }
};

struct MergeSampleMomentsKernel : FloatKernel {
  using Op = MergeSampleMoments;
  static constexpr std::string_view name = "reference/merge_sample_moments";
  static constexpr auto in_place = kNeverInPlace;
  static DType dtype(const Call& call) { return call.inputs[1].dtype; }

  // count, mean, M2: [N,C] -> [C]
  template <typename T>
  static void run(const Operands<MergeSampleMoments>& o) {
    const auto [N, C] = o.rows(0);
    for (std::int64_t c = 0; c < C; ++c) {
      Moments all;
      for (std::int64_t i = c; i < N * C; i += C)
        all = merge(all, {o.in<double>(0)[i], o.in<double>(1)[i], o.in<double>(2)[i]});
      o.out<double>(0)[c] = all.count;
      o.out<double>(1)[c] = all.mean;
      o.out<double>(2)[c] = all.M2;
    }
  }
};

struct UpdateMovingKernel : FloatKernel {
  using Op = UpdateMoving;
  static constexpr std::string_view name = "reference/update_moving";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};

  // moving_mean, moving_variance: [C]  updates_seen: []  count, mean, M2: [C] or [N,C] -> the first
  // two anew
  template <typename T>
  static void run(const Operands<UpdateMoving>& o) {
    const std::int64_t C = o.in_shape(0)[0];
    const bool grouped = o.op.group > 0;
    const Groups groups(grouped ? o.in_shape(3)[0] : 1, grouped ? o.op.group : 1, o.op.grouping);
    const double seen = static_cast<double>(*o.in<std::int64_t>(2) * groups.count);
    for (std::int64_t c = 0; c < C; ++c) {
      double mean = o.in<T>(0)[c];
      double variance = o.in<T>(1)[c];
      for (std::int64_t g = 0; g < groups.count; ++g) {
        const std::int64_t at = groups.first(g) * C + c;
        const double keep = kept(o.op, seen + static_cast<double>(g));
        mean = keep * mean + (1 - keep) * o.in<double>(4)[at];
        variance = keep * variance + (1 - keep) * variance_of(o.op.variance, o.in<double>(3)[at],
                                                              o.in<double>(5)[at]);
      }
      o.out<T>(0)[c] = static_cast<T>(mean);
      o.out<T>(1)[c] = static_cast<T>(variance);
    }
  }
};

}  // namespace

KernelEntry channel_moments() { return entry_of<ChannelMomentsKernel>(); }
KernelEntry merge_moments() { return entry_of<MergeMomentsKernel>(); }
KernelEntry merge_sample_moments() { return entry_of<MergeSampleMomentsKernel>(); }
KernelEntry update_moving() { return entry_of<UpdateMovingKernel>(); }

}  // namespace evenkeel::reference
