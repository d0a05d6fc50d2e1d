// SPDX-License-Identifier: Apache-2.0
// What group_norm and layer_norm share: values normalised together, and the gradient through their
// own statistics.
#pragma once

#include <cmath>
#include <cstdint>

namespace evenkeel::reference {

// Values that are normalised together, of x: [rows, stride]: `channels` of each row, from the first
// one's address on.
struct NormGroup {
  std::int64_t rows;
  std::int64_t channels;
  std::int64_t stride;

  double count() const { return static_cast<double>(rows * channels); }
  // f(offset, channel) of every value, in memory's order.
  template <typename F>
  void each(F f) const {
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t c = 0; c < channels; ++c) f(row * stride + c, c);
  }
};

struct NormStatistics {
  double mean;
  double inverse;  // 1 / sqrt(variance + epsilon)
};

// Two passes around the first value, so that equal values have that mean and no variance.
template <typename T>
NormStatistics norm_statistics(const NormGroup& group, const T* x, double epsilon) {
  const double pivot = x[0];
  double sum = 0;
  group.each([&](std::int64_t i, std::int64_t) { sum += x[i] - pivot; });
  const double mean = pivot + sum / group.count();
  double M2 = 0;
  group.each([&](std::int64_t i, std::int64_t) { M2 += (x[i] - mean) * (x[i] - mean); });
  return {mean, 1 / std::sqrt(M2 / group.count() + epsilon)};
}

// gamma, beta: of the group's channels. y may be x.
template <typename T>
void normalise(const NormGroup& group, const T* x, const T* gamma, const T* beta, double epsilon,
               T* y) {
  const NormStatistics s = norm_statistics(group, x, epsilon);
  group.each([&](std::int64_t i, std::int64_t c) {
    y[i] = static_cast<T>((x[i] - s.mean) * s.inverse * gamma[c] + beta[c]);
  });
}

// Adds to dbeta and dgamma, of the group's channels. dx may be dy or x.
template <typename T>
void normalise_gradient(const NormGroup& group, const T* dy, const T* x, const T* gamma,
                        double epsilon, T* dx, T* dbeta, T* dgamma) {
  const NormStatistics s = norm_statistics(group, x, epsilon);
  double sum = 0;  // of g = gamma dy
  double sum_xhat = 0;
  group.each([&](std::int64_t i, std::int64_t c) {
    const double xhat = (x[i] - s.mean) * s.inverse;
    const double g = static_cast<double>(gamma[c]) * dy[i];
    sum += g;
    sum_xhat += g * xhat;
    dbeta[c] += dy[i];
    dgamma[c] += static_cast<T>(dy[i] * xhat);
  });
  const double mean = sum / group.count();
  const double mean_xhat = sum_xhat / group.count();
  group.each([&](std::int64_t i, std::int64_t c) {
    const double xhat = (x[i] - s.mean) * s.inverse;
    const double g = static_cast<double>(gamma[c]) * dy[i];
    dx[i] = static_cast<T>(s.inverse * (g - mean - xhat * mean_xhat));
  });
}

}  // namespace evenkeel::reference
