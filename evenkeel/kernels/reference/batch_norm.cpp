// SPDX-License-Identifier: Apache-2.0
// Normalising by given statistics, and the gradient through them; the statistics themselves are in
// batch_norm_moments.cpp.
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// x: [N,..,C] by moments of shape `moments`: [C] is one part of all rows, [N,C] a part for each
// sample. Part n has the moments from n C on.
struct Parts {
  std::int64_t count;
  std::int64_t rows;  // of one part
};
Parts parts_of(const Shape& x, const Shape& moments) {
  const std::int64_t count = moments.rank() == 2 ? moments[0] : 1;
  return {count, x.elements() / x.back() / count};
}

// 1 / sqrt(M2 / count + epsilon)
double inverse_deviation(double M2, double count, double epsilon) {
  return 1 / std::sqrt(M2 / count + epsilon);
}

// A mean as one of x's dtype, which x - centre is exact with where both are large, and the rest.
template <typename T>
struct Split {
  T centre;
  double rest;
};
template <typename T>
Split<T> split(double mean) {
  const T centre = static_cast<T>(mean);
  return {centre, mean - static_cast<double>(centre)};
}

// y of an x: what the mean's rounding leaves goes into the shift.
template <typename T>
struct Normaliser {
  T centre, by, shift;
  Normaliser(double mean, double inverse, T gamma, T beta) {
    const auto [rounded, rest] = split<T>(mean);
    const double scale = gamma * inverse;
    centre = rounded;
    by = static_cast<T>(scale);
    shift = static_cast<T>(beta - rest * scale);
  }
  T operator()(T x) const { return (x - centre) * by + shift; }
};

struct BatchNormApplyKernel : FloatKernel {
  using Op = BatchNormApply;
  static constexpr std::string_view name = "reference/batch_norm_apply";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: [..,C]  count, mean, M2: [C] or [N,C]  gamma, beta: [C]
  template <typename T>
  static void run(const Operands<BatchNormApply>& o) {
    const std::int64_t C = o.in_shape(0).back();
    const auto [parts, rows] = parts_of(o.in_shape(0), o.in_shape(1));
    for (std::int64_t k = 0; k < parts * C; ++k) {
      const std::int64_t c = k % C;
      const double inverse =
          inverse_deviation(o.in<double>(3)[k], o.in<double>(1)[k], o.op.epsilon);
      const Normaliser<T> y(o.in<double>(2)[k], inverse, o.in<T>(4)[c], o.in<T>(5)[c]);
      const std::int64_t first = k / C * rows * C;
      for (std::int64_t i = first + c; i < first + rows * C; i += C)
        o.out<T>(0)[i] = y(o.in<T>(0)[i]);
    }
  }
};

struct ChannelAffineKernel : FloatKernel {
  using Op = ChannelAffine;
  static constexpr std::string_view name = "reference/channel_affine";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: [..,C]  centre, scale, shift: [C]
  template <typename T>
  static void run(const Operands<ChannelAffine>& o) {
    const auto [rows, C] = o.rows(0);
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t c = 0; c < C; ++c)
        o.out<T>(0)[row * C + c] =
            (o.in<T>(0)[row * C + c] - o.in<T>(1)[c]) * o.in<T>(2)[c] + o.in<T>(3)[c];
  }
};

struct BatchNormGradSumsKernel : FloatKernel {
  using Op = BatchNormGradSums;
  static constexpr std::string_view name = "reference/batch_norm_grad_sums";
  static constexpr auto in_place = kNeverInPlace;

  // dy, x: [..,C]  count, mean, M2: [C] or [N,C]; rectified gamma, beta: [C] -> dbeta, dgamma: [C],
  // or [N,C]
  template <typename T>
  static void run(const Operands<BatchNormGradSums>& o) {
    const auto [all_rows, C] = o.rows(0);
    const std::int64_t samples = o.op.each_sample ? o.in_shape(0)[0] : 1;
    const std::int64_t size = all_rows / samples * C;
    const bool own = o.in_shape(2).rank() == 2;
    for (std::int64_t n = 0; n < samples; ++n)
      for (std::int64_t c = 0; c < C; ++c) {
        const std::int64_t k = own ? n * C + c : c;
        const double inverse =
            inverse_deviation(o.in<double>(4)[k], o.in<double>(2)[k], o.op.epsilon);
        const double mean = o.in<double>(3)[k];
        const bool masked = o.op.rectified;
        const Normaliser<T> y(mean, inverse, masked ? o.in<T>(5)[c] : 0,
                              masked ? o.in<T>(6)[c] : 0);
        double sum = 0;
        double sum_x = 0;
        for (std::int64_t i = n * size + c; i < (n + 1) * size; i += C) {
          const double dy = !masked || y(o.in<T>(1)[i]) > 0 ? o.in<T>(0)[i] : 0;
          sum += dy;
          sum_x += dy * (o.in<T>(1)[i] - mean);
        }
        o.out<T>(0)[n * C + c] = static_cast<T>(sum);
        o.out<T>(1)[n * C + c] = static_cast<T>(sum_x * inverse);
      }
  }
};

struct BatchNormGradApplyKernel : FloatKernel {
  using Op = BatchNormGradApply;
  static constexpr std::string_view name = "reference/batch_norm_grad_apply";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  // dy, x, dx: [..,C]  count, mean, M2: [C] or [N,C]  gamma: [C]  dbeta, dgamma: [C] or [N,C];
  // rectified beta: [C]
  template <typename T>
  static void run(const Operands<BatchNormGradApply>& o) {
    const std::int64_t C = o.in_shape(0).back();
    const bool own_moments = o.in_shape(2).rank() == 2;
    const bool own_sums = o.in_shape(6).rank() == 2;
    const auto [parts, rows] = parts_of(o.in_shape(0), o.in_shape(own_moments ? 2 : 6));
    for (std::int64_t k = 0; k < parts * C; ++k) {
      const std::int64_t c = k % C;
      const std::int64_t m = own_moments ? k : c;
      const std::int64_t s = own_sums ? k : c;
      const double count = o.in<double>(2)[m];
      const double inverse = inverse_deviation(o.in<double>(4)[m], count, o.op.epsilon);
      const auto [centre, rest] = split<T>(o.in<double>(3)[m]);
      const T scale = static_cast<T>(o.in<T>(5)[c] * inverse);
      const double slope = o.in<T>(7)[s] * inverse / count;
      const T along_x = static_cast<T>(slope);
      const T offset = static_cast<T>(o.in<T>(6)[s] / count - rest * slope);
      const bool masked = o.op.rectified;
      const Normaliser<T> y(o.in<double>(3)[m], inverse, o.in<T>(5)[c], masked ? o.in<T>(8)[c] : 0);
      const std::int64_t first = k / C * rows * C;
      for (std::int64_t i = first + c; i < first + rows * C; i += C) {
        const T x = o.in<T>(1)[i];
        const T dy = !masked || y(x) > 0 ? o.in<T>(0)[i] : 0;
        o.out<T>(0)[i] = scale * (dy - (offset + (x - centre) * along_x));
      }
    }
  }
};

}  // namespace

KernelEntry batch_norm_apply() { return entry_of<BatchNormApplyKernel>(); }
KernelEntry channel_affine() { return entry_of<ChannelAffineKernel>(); }
KernelEntry batch_norm_grad_sums() { return entry_of<BatchNormGradSumsKernel>(); }
KernelEntry batch_norm_grad_apply() { return entry_of<BatchNormGradApplyKernel>(); }

}  // namespace evenkeel::reference
