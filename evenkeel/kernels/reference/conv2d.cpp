// SPDX-License-Identifier: Apache-2.0
// Convolution and its gradients, one output pixel after the other, straight from conv2d.h's sum.
#include <algorithm>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// C and K are those of one group of G.
struct Sizes {
  std::int64_t N, H, W, C, P, Q, K, R, S, G;
};

template <typename ConvOp>
Sizes sizes_of(const ConvOp& op, const Shape& x, const Shape& kernel, const Shape& y) {
  return {x[0],      x[1],      x[2],     x[3] / op.groups, y[1], y[2], y[3] / op.groups,
          kernel[0], kernel[1], op.groups};
}

// Calls visit(pixel of x, tap of the kernel, pixel of y), each the index of the group's first
// channel, for every tap that is on the image, in the order n p q r s g.
template <typename ConvOp, typename Visit>
void for_each_tap(const Sizes& z, const ConvOp& op, const Visit& visit) {
  const std::int64_t all_C = z.C * z.G;
  const std::int64_t all_K = z.K * z.G;
  for (std::int64_t n = 0; n < z.N; ++n)
    for (std::int64_t p = 0; p < z.P; ++p)
      for (std::int64_t q = 0; q < z.Q; ++q)
        for (std::int64_t r = 0; r < z.R; ++r)
          for (std::int64_t s = 0; s < z.S; ++s) {
            const std::int64_t h = p * op.stride[0] - op.padding[0] + r * op.dilation[0];
            const std::int64_t w = q * op.stride[1] - op.padding[2] + s * op.dilation[1];
            if (h < 0 || h >= z.H || w < 0 || w >= z.W) continue;
            for (std::int64_t g = 0; g < z.G; ++g)
              visit(((n * z.H + h) * z.W + w) * all_C + g * z.C,
                    (r * z.S + s) * z.C * all_K + g * z.K,
                    ((n * z.P + p) * z.Q + q) * all_K + g * z.K);
          }
}

struct Conv2dKernel : FloatKernel {
  using Op = Conv2d;
  static constexpr std::string_view name = "reference/conv2d";
  static constexpr auto in_place = kNeverInPlace;

  // x: [N,H,W,C]  W: [R,S,C/G,K]  y: [N,P,Q,K]
  template <typename T>
  static void run(const Operands<Conv2d>& o) {
    const Sizes z = sizes_of(o.op, o.in_shape(0), o.in_shape(1), o.out_shape(0));
    const std::int64_t row = z.K * z.G;
    const T* x = o.in<T>(0);
    const T* W = o.in<T>(1);
    T* y = o.out<T>(0);
    std::fill_n(y, o.out_shape(0).elements(), T{0});
    for_each_tap(z, o.op, [&](auto at_x, auto at_kernel, auto at_y) {
      for (std::int64_t c = 0; c < z.C; ++c)
        for (std::int64_t k = 0; k < z.K; ++k)
          y[at_y + k] += x[at_x + c] * W[at_kernel + c * row + k];
    });
  }
};

struct Conv2dGradDataKernel : FloatKernel {
  using Op = Conv2dGradData;
  static constexpr std::string_view name = "reference/conv2d_grad_data";
  static constexpr auto in_place = kNeverInPlace;

  // dy: [N,P,Q,K]  W: [R,S,C/G,K]  dx: [N,H,W,C]
  template <typename T>
  static void run(const Operands<Conv2dGradData>& o) {
    const Sizes z = sizes_of(o.op, o.out_shape(0), o.in_shape(1), o.in_shape(0));
    const std::int64_t row = z.K * z.G;
    const T* dy = o.in<T>(0);
    const T* W = o.in<T>(1);
    T* dx = o.out<T>(0);
    std::fill_n(dx, o.out_shape(0).elements(), T{0});
    for_each_tap(z, o.op, [&](auto at_x, auto at_kernel, auto at_y) {
      for (std::int64_t c = 0; c < z.C; ++c) {
        T sum = 0;
        for (std::int64_t k = 0; k < z.K; ++k) sum += dy[at_y + k] * W[at_kernel + c * row + k];
        dx[at_x + c] += sum;
      }
    });
  }
};

struct Conv2dGradKernelKernel : FloatKernel {
  using Op = Conv2dGradKernel;
  static constexpr std::string_view name = "reference/conv2d_grad_kernel";
  static constexpr auto in_place = kNeverInPlace;

  // x: [N,H,W,C]  dy: [N,P,Q,K]  dW: [R,S,C/G,K]
  template <typename T>
  static void run(const Operands<Conv2dGradKernel>& o) {
    const Sizes z = sizes_of(o.op, o.in_shape(0), o.out_shape(0), o.in_shape(1));
    const std::int64_t row = z.K * z.G;
    const T* x = o.in<T>(0);
    const T* dy = o.in<T>(1);
    T* grad = o.out<T>(0);
    std::fill_n(grad, o.out_shape(0).elements(), T{0});
    for_each_tap(z, o.op, [&](auto at_x, auto at_kernel, auto at_y) {
      for (std::int64_t c = 0; c < z.C; ++c)
        for (std::int64_t k = 0; k < z.K; ++k)
          grad[at_kernel + c * row + k] += x[at_x + c] * dy[at_y + k];
    });
  }
};

}  // namespace

KernelEntry conv2d() { return entry_of<Conv2dKernel>(); }
KernelEntry conv2d_grad_data() { return entry_of<Conv2dGradDataKernel>(); }
KernelEntry conv2d_grad_kernel() { return entry_of<Conv2dGradKernelKernel>(); }

}  // namespace evenkeel::reference
