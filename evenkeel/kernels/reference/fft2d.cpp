// SPDX-License-Identifier: Apache-2.0
// Both transforms straight from fft2d.h's sum, and that of a map which was pooled.
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"
#include "evenkeel/kernels/reference/spectrum_sums.h"

namespace evenkeel::reference {
namespace {

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
          FrequencySum sum(circle, frequency_at(o.op.size, f));
          for (std::int64_t h = 0; h < x[1]; ++h)
            for (std::int64_t w = 0; w < x[2]; ++w)
              sum.add(static_cast<double>(o.in<T>(0)[((n * x[1] + h) * x[2] + w) * C + c]),
                      h + o.op.place[0], w + o.op.place[1]);
          o.out<T>(0)[(n * F + f) * 2 * C + c] = static_cast<T>(sum.re);
          o.out<T>(0)[((n * F + f) * 2 + 1) * C + c] = static_cast<T>(sum.im);
        }
  }
};

struct InverseFft2dKernel : FloatKernel {
  using Op = InverseFft2d;
  static constexpr std::string_view name = "reference/inverse_fft2d";
  static constexpr auto in_place = kNeverInPlace;

  // Z: [N,F,2,C] -> y: [N,P,Q,C]
  template <typename T>
  static void run(const Operands<InverseFft2d>& o) {
    const Shape& y = o.out_shape(0);
    const std::int64_t F = o.in_shape(0)[1];
    const std::int64_t C = y[3];
    const Circle circle(o.op.size);
    for (std::int64_t i = 0; i < y.elements(); ++i) {
      const std::int64_t c = i % C;
      const std::int64_t q = i / C % y[2];
      const std::int64_t p = i / C / y[2] % y[1];
      const std::int64_t n = i / C / y[2] / y[1];
      o.out<T>(0)[i] = static_cast<T>(pixel_of(circle, o.op.size, o.in<T>(0) + n * F * 2 * C + c, C,
                                               p + o.op.place[0], q + o.op.place[1]));
    }
  }
};

struct UnpooledFft2dKernel : FloatKernel {
  using Op = UnpooledFft2d;
  static constexpr std::string_view name = "reference/unpooled_fft2d";
  static constexpr auto in_place = kNeverInPlace;

  // dy, argmax: [N,I,J,C] -> [N,F,2,C]. Of each window all but one place is 0.
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& dy = o.in_shape(0);
    const std::int64_t F = o.out_shape(0)[1];
    const std::int64_t C = dy[3];
    const bool bytes = o.call.inputs[1].dtype == DType::u8;
    const Circle circle(o.op.size);
    for (std::int64_t n = 0; n < dy[0]; ++n)
      for (std::int64_t f = 0; f < F; ++f)
        for (std::int64_t c = 0; c < C; ++c) {
          FrequencySum sum(circle, frequency_at(o.op.size, f));
          for (std::int64_t i = 0; i < dy[1]; ++i)
            for (std::int64_t j = 0; j < dy[2]; ++j) {
              const std::int64_t at = ((n * dy[1] + i) * dy[2] + j) * C + c;
              const std::int64_t tap =
                  bytes ? std::int64_t{o.in<std::uint8_t>(1)[at]} : o.in<std::int32_t>(1)[at];
              const std::int64_t p =
                  i * o.op.window_stride[0] - o.op.window_padding[0] + tap / o.op.window[1];
              const std::int64_t q =
                  j * o.op.window_stride[1] - o.op.window_padding[2] + tap % o.op.window[1];
              sum.add(static_cast<double>(o.in<T>(0)[at]), p + o.op.place[0], q + o.op.place[1]);
            }
          o.out<T>(0)[(n * F + f) * 2 * C + c] = static_cast<T>(sum.re);
          o.out<T>(0)[((n * F + f) * 2 + 1) * C + c] = static_cast<T>(sum.im);
        }
  }
};

}  // namespace

KernelEntry fft2d() { return entry_of<Fft2dKernel>(); }
KernelEntry inverse_fft2d() { return entry_of<InverseFft2dKernel>(); }
KernelEntry unpooled_fft2d() { return entry_of<UnpooledFft2dKernel>(); }

}  // namespace evenkeel::reference
