// SPDX-License-Identifier: Apache-2.0
// Products of spectra, one number after the other.
#include <complex>
#include <type_traits>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// A spectrum [N,F,2,C]; a kernel's [F,2,C,K] is one of N = 1 with C K channels.
template <typename T>
struct Spectrum {
  T* data;
  std::int64_t F;
  std::int64_t C;

  using Number = std::complex<std::remove_const_t<T>>;

  Number get(std::int64_t n, std::int64_t f, std::int64_t c) const {
    const T* at = data + (n * F + f) * 2 * C + c;
    return {at[0], at[C]};
  }
  void set(std::int64_t n, std::int64_t f, std::int64_t c, Number value) const {
    T* at = data + (n * F + f) * 2 * C + c;
    at[0] = value.real();
    at[C] = value.imag();
  }
};

struct SpectralKernelKernel : FloatKernel {
  using Op = SpectralKernel;
  static constexpr std::string_view name = "reference/spectral_kernel";
  static constexpr auto in_place = kNeverInPlace;

  // W: [F,2,C,K] -> B: [F,M,3,C,16], or transposed [F,M,3,K,16]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& W = o.in_shape(0);
    const Shape& B = o.out_shape(0);
    const Spectrum<const T> w = {o.in<T>(0), W[0], W[2] * W[3]};
    T* to = o.out<T>(0);
    for (std::int64_t f = 0; f < B[0]; ++f)
      for (std::int64_t m = 0; m < B[1]; ++m)
        for (std::int64_t part = 0; part < 3; ++part)
          for (std::int64_t c = 0; c < B[3]; ++c)
            for (std::int64_t i = 0; i < B[4]; ++i, ++to) {
              const std::int64_t k = m * B[4] + i;
              *to = 0;
              if (k >= W[o.op.transposed ? 2 : 3]) continue;
              auto b = w.get(0, f, o.op.transposed ? k * W[3] + c : c * W[3] + k);
              if (o.op.conjugate) b = std::conj(b);
              *to = part == 0   ? b.real()
                    : part == 1 ? 0 - (b.real() + b.imag())
                                : b.imag() - b.real();
            }
  }
};

struct SpectralConv2dKernel : FloatKernel {
  using Op = SpectralConv2d;
  static constexpr std::string_view name = "reference/spectral_conv2d";
  static constexpr auto in_place = kNeverInPlace;

  // X: [N,T F,2,C]  B: [F,M,3,C,16]  Y: [N,T F,2,K]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& Y = o.out_shape(0);
    const Shape& B = o.in_shape(1);
    const Spectrum<const T> x = {o.in<T>(0), Y[1], B[3]};
    const Spectrum<T> y = {o.out<T>(0), Y[1], Y[3]};
    for (std::int64_t n = 0; n < Y[0]; ++n)
      for (std::int64_t f = 0; f < Y[1]; ++f)
        for (std::int64_t k = 0; k < Y[3]; ++k) {
          const T* b = o.in<T>(1) + (f % B[0] * B[1] + k / B[4]) * 3 * B[3] * B[4] + k % B[4];
          const auto part = [&](std::int64_t p, std::int64_t c) {
            return b[(p * B[3] + c) * B[4]];
          };
          std::complex<T> sum = 0;
          for (std::int64_t c = 0; c < B[3]; ++c) {
            const std::complex<T> a = x.get(n, f, c);
            const T both = (a.real() + a.imag()) * part(0, c);
            sum += std::complex<T>(both + a.imag() * part(1, c), both + a.real() * part(2, c));
          }
          y.set(n, f, k, sum);
        }
  }
};

struct SpectralConv2dGradKernelKernel : FloatKernel {
  using Op = SpectralConv2dGradKernel;
  static constexpr std::string_view name = "reference/spectral_conv2d_grad_kernel";
  static constexpr auto in_place = kNeverInPlace;

  // X: [N,T F,2,C]  dY: [N,T F,2,K]  dW: [F,2,C,K]. A tile counts as a sample.
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& X = o.in_shape(0);
    const Shape& kernel = o.out_shape(0);
    const std::int64_t F = kernel[0];
    const Spectrum<const T> x = {o.in<T>(0), F, X[3]};
    const Spectrum<const T> dy = {o.in<T>(1), F, kernel[3]};
    const Spectrum<T> dw = {o.out<T>(0), F, kernel[2] * kernel[3]};
    for (std::int64_t f = 0; f < F; ++f)
      for (std::int64_t c = 0; c < kernel[2]; ++c)
        for (std::int64_t k = 0; k < kernel[3]; ++k) {
          std::complex<T> sum = 0;
          for (std::int64_t n = 0; n < X[0] * o.op.tiles; ++n)
            sum += x.get(n, f, c) * std::conj(dy.get(n, f, k));
          dw.set(0, f, c * kernel[3] + k, sum);
        }
  }
};

}  // namespace

KernelEntry spectral_kernel() { return entry_of<SpectralKernelKernel>(); }
KernelEntry spectral_conv2d() { return entry_of<SpectralConv2dKernel>(); }
KernelEntry spectral_conv2d_grad_kernel() { return entry_of<SpectralConv2dGradKernelKernel>(); }

}  // namespace evenkeel::reference
