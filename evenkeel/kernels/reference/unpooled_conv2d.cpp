// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct UnpooledConv2dGradKernelKernel : FloatKernel {
  using Op = UnpooledConv2dGradKernel;
  static constexpr std::string_view name = "reference/unpooled_conv2d_grad_kernel";
  static constexpr auto in_place = kNeverInPlace;

  // What dy at (p, q) of the unpooled map adds. image: [H,W,C]  dW: [R,S,C,K] at one k
  template <typename T>
  static void add(const Operands<Op>& o, const T* image, T dy, std::int64_t p, std::int64_t q,
                  T* kernel) {
    const Shape& x = o.in_shape(0);
    const Shape& W = o.out_shape(0);
    for (std::int64_t r = 0; r < W[0]; ++r)
      for (std::int64_t s = 0; s < W[1]; ++s) {
        const std::int64_t h = p * o.op.stride[0] - o.op.padding[0] + r;
        const std::int64_t w = q * o.op.stride[1] - o.op.padding[2] + s;
        if (h < 0 || h >= x[1] || w < 0 || w >= x[2]) continue;
        for (std::int64_t c = 0; c < x[3]; ++c)
          kernel[((r * W[1] + s) * x[3] + c) * W[3]] += image[(h * x[2] + w) * x[3] + c] * dy;
      }
  }

  // dy, argmax: [N,I,J,K]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& dy = o.in_shape(1);
    const bool bytes = o.call.inputs[2].dtype == DType::u8;
    std::fill_n(o.out<T>(0), o.out_shape(0).elements(), T{0});
    std::int64_t at = 0;
    for (std::int64_t n = 0; n < dy[0]; ++n)
      for (std::int64_t i = 0; i < dy[1]; ++i)
        for (std::int64_t j = 0; j < dy[2]; ++j)
          for (std::int64_t k = 0; k < dy[3]; ++k, ++at) {
            const std::int64_t tap =
                bytes ? std::int64_t{o.in<std::uint8_t>(2)[at]} : o.in<std::int32_t>(2)[at];
            const std::int64_t p =
                i * o.op.window_stride[0] - o.op.window_padding[0] + tap / o.op.window[1];
            const std::int64_t q =
                j * o.op.window_stride[1] - o.op.window_padding[2] + tap % o.op.window[1];
            add(o, o.in<T>(0) + n * o.in_shape(0).elements_per_sample(), o.in<T>(1)[at], p, q,
                o.out<T>(0) + k);
          }
  }
};

}  // namespace

KernelEntry unpooled_conv2d_grad_kernel() { return entry_of<UnpooledConv2dGradKernelKernel>(); }

}  // namespace evenkeel::reference
