// SPDX-License-Identifier: Apache-2.0
// fft2d.h's sum and its inverse, a frequency or a pixel at a time, in double.
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "evenkeel/graph/ops/fft2d.h"

namespace evenkeel::reference {

// cos and sin of 2 pi k / n.
class Circle {
 public:
  explicit Circle(std::int64_t n) : n_(n) {
    for (std::int64_t k = 0; k < n; ++k) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
      cos_.push_back(std::cos(angle));
      sin_.push_back(std::sin(angle));
    }
  }
  double cos(std::int64_t k) const { return cos_[static_cast<std::size_t>(k % n_)]; }
  double sin(std::int64_t k) const { return sin_[static_cast<std::size_t>(k % n_)]; }

 private:
  std::int64_t n_;
  std::vector<double> cos_;
  std::vector<double> sin_;
};

// A sum of pixels, each turned as one frequency {u, v} turns it.
class FrequencySum {
 public:
  FrequencySum(const Circle& circle, Pair frequency) : circle_(circle), frequency_(frequency) {}
  // A pixel at {h, w} of the field.
  void add(double pixel, std::int64_t h, std::int64_t w) {
    const std::int64_t turn = frequency_[0] * h + frequency_[1] * w;
    re += pixel * circle_.cos(turn);
    im -= pixel * circle_.sin(turn);
  }
  double re = 0;
  double im = 0;

 private:
  const Circle& circle_;
  Pair frequency_;
};

// The pixel {h, w} of a field from its spectrum, [F,2,C] at one channel. A frequency and its
// conjugate give twice the real part of one, but for the four that are their own conjugates.
template <typename T>
double pixel_of(const Circle& circle, std::int64_t size, const T* Z, std::int64_t C, std::int64_t h,
                std::int64_t w) {
  double sum = 0;
  for (std::int64_t f = 0; f < frequencies_of(size); ++f, Z += 2 * C) {
    const auto [u, v] = frequency_at(size, f);
    const std::int64_t turn = u * h + v * w;
    const double part =
        static_cast<double>(Z[0]) * circle.cos(turn) - static_cast<double>(Z[C]) * circle.sin(turn);
    const bool own_conjugate = u % (size / 2) == 0 && v % (size / 2) == 0;
    sum += own_conjugate ? part : 2 * part;
  }
  return sum / static_cast<double>(size * size);
}

}  // namespace evenkeel::reference
