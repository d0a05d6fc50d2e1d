// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// Calls visit(pixel of x, pixel of y, 1 / divisor), each pixel the index of its first channel, for
// every tap that is on the image, in the order n p q r s. x: [N,H,W,C]  y: [N,P,Q,C]
template <typename PoolOp, typename Visit>
void for_each_tap(const PoolOp& op, const Shape& x, const Shape& y, const Visit& visit) {
  for (std::int64_t n = 0; n < y[0]; ++n)
    for (std::int64_t p = 0; p < y[1]; ++p)
      for (std::int64_t q = 0; q < y[2]; ++q) {
        const std::int64_t top = p * op.stride[0] - op.padding[0];
        const std::int64_t left = q * op.stride[1] - op.padding[2];
        const std::int64_t h_begin = std::max<std::int64_t>(top, 0);
        const std::int64_t h_end = std::min(top + op.window[0], x[1]);
        const std::int64_t w_begin = std::max<std::int64_t>(left, 0);
        const std::int64_t w_end = std::min(left + op.window[1], x[2]);
        // In double, where the largest windows do not overflow.
        const auto rows = static_cast<double>(op.count_padding ? op.window[0] : h_end - h_begin);
        const auto columns = static_cast<double>(op.count_padding ? op.window[1] : w_end - w_begin);
        const double share = 1 / (rows * columns);
        for (std::int64_t h = h_begin; h < h_end; ++h)
          for (std::int64_t w = w_begin; w < w_end; ++w)
            visit(((n * x[1] + h) * x[2] + w) * x[3], ((n * y[1] + p) * y[2] + q) * y[3], share);
      }
}

struct AvgPool2dKernel : FloatKernel {
  using Op = AvgPool2d;
  static constexpr std::string_view name = "reference/avg_pool2d";
  static constexpr auto in_place = kNeverInPlace;

  // x: [N,H,W,C]  y: [N,P,Q,C]
  template <typename T>
  static void run(const Operands<AvgPool2d>& o) {
    const std::int64_t C = o.in_shape(0)[3];
    std::fill_n(o.out<T>(0), o.out_shape(0).elements(), T{0});
    for_each_tap(o.op, o.in_shape(0), o.out_shape(0), [&](auto at_x, auto at_y, double share) {
      for (std::int64_t c = 0; c < C; ++c)
        o.out<T>(0)[at_y + c] += o.in<T>(0)[at_x + c] * static_cast<T>(share);
    });
  }
};

struct AvgPool2dGradKernel : FloatKernel {
  using Op = AvgPool2dGrad;
  static constexpr std::string_view name = "reference/avg_pool2d_grad";
  static constexpr auto in_place = kNeverInPlace;

  // dy: [N,P,Q,C]  dx: [N,H,W,C]
  template <typename T>
  static void run(const Operands<AvgPool2dGrad>& o) {
    const std::int64_t C = o.in_shape(0)[3];
    std::fill_n(o.out<T>(0), o.out_shape(0).elements(), T{0});
    for_each_tap(o.op, o.out_shape(0), o.in_shape(0), [&](auto at_x, auto at_y, double share) {
      for (std::int64_t c = 0; c < C; ++c)
        o.out<T>(0)[at_x + c] += o.in<T>(0)[at_y + c] * static_cast<T>(share);
    });
  }
};

}  // namespace

KernelEntry avg_pool2d() { return entry_of<AvgPool2dKernel>(); }
KernelEntry avg_pool2d_grad() { return entry_of<AvgPool2dGradKernel>(); }

}  // namespace evenkeel::reference
