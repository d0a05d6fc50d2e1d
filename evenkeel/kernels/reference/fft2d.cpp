// SPDX-License-Identifier: Apache-2.0
// Both transforms straight from fft2d.h's sum, a frequency or a pixel after the other, in double.
#include <cmath>
#include <numbers>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

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

struct Fft2dKernel : FloatKernel {
  using Op = Fft2d;
  static constexpr std::string_view name = "reference/fft2d";
  static constexpr auto in_place = kNeverInPlace;

  // x: [N,H,W,C] -> [N,F,2,C]
  template <typename T>
  static void run(const Operands<Fft2d>& o) {
    const Shape& x = o.in_shape(0);
    const std::int64_t F = o.out_shape(0)[1];
    const std::int64_t C = x[3];
    const Circle circle(o.op.size);
    for (std::int64_t n = 0; n < x[0]; ++n)
      for (std::int64_t f = 0; f < F; ++f)
        for (std::int64_t c = 0; c < C; ++c) {
          const auto [u, v] = frequency_at(o.op.size, f);
          double re = 0;
          double im = 0;
          for (std::int64_t h = 0; h < x[1]; ++h)
            for (std::int64_t w = 0; w < x[2]; ++w) {
              const std::int64_t turn = u * (h + o.op.place[0]) + v * (w + o.op.place[1]);
              const auto pixel =
                  static_cast<double>(o.in<T>(0)[((n * x[1] + h) * x[2] + w) * C + c]);
              re += pixel * circle.cos(turn);
              im -= pixel * circle.sin(turn);
            }
          o.out<T>(0)[(n * F + f) * 2 * C + c] = static_cast<T>(re);
          o.out<T>(0)[((n * F + f) * 2 + 1) * C + c] = static_cast<T>(im);
        }
  }
};

struct InverseFft2dKernel : FloatKernel {
  using Op = InverseFft2d;
  static constexpr std::string_view name = "reference/inverse_fft2d";
  static constexpr auto in_place = kNeverInPlace;

  // Z: [N,F,2,C] -> y: [N,P,Q,C]. A frequency and its conjugate give twice the real part of one,
  // but for the four that are their own conjugates.
  template <typename T>
  static void run(const Operands<InverseFft2d>& o) {
    const Shape& y = o.out_shape(0);
    const std::int64_t F = o.in_shape(0)[1];
    const std::int64_t C = y[3];
    const std::int64_t size = o.op.size;
    const Circle circle(size);
    const auto scale = 1 / static_cast<double>(size * size);
    for (std::int64_t i = 0; i < y.elements(); ++i) {
      const std::int64_t c = i % C;
      const std::int64_t q = i / C % y[2];
      const std::int64_t p = i / C / y[2] % y[1];
      const std::int64_t n = i / C / y[2] / y[1];
      double sum = 0;
      for (std::int64_t f = 0; f < F; ++f) {
        const auto [u, v] = frequency_at(size, f);
        const std::int64_t turn = u * (p + o.op.place[0]) + v * (q + o.op.place[1]);
        const T* Z = o.in<T>(0) + (n * F + f) * 2 * C + c;
        const double part = static_cast<double>(Z[0]) * circle.cos(turn) -
                            static_cast<double>(Z[C]) * circle.sin(turn);
        const bool own_conjugate = u % (size / 2) == 0 && v % (size / 2) == 0;
        sum += own_conjugate ? part : 2 * part;
      }
      o.out<T>(0)[i] = static_cast<T>(sum * scale);
    }
  }
};

}  // namespace

KernelEntry fft2d() { return entry_of<Fft2dKernel>(); }
KernelEntry inverse_fft2d() { return entry_of<InverseFft2dKernel>(); }

}  // namespace evenkeel::reference
