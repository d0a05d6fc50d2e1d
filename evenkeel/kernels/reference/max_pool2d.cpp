// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// x: [N,H,W,C], where the first tap of the window at (p, q) lies at (h, w).
struct Corner {
  std::int64_t h;
  std::int64_t w;
};

template <typename PoolOp>
Corner corner_of(const PoolOp& op, std::int64_t p, std::int64_t q) {
  return {p * op.stride[0] - op.padding[0], q * op.stride[1] - op.padding[2]};
}

template <typename T>
struct Maximum {
  T value = 0;
  std::int64_t tap = -1;

  // The first of equals stays, and so does the first NaN.
  void meet(T candidate, std::int64_t candidate_tap) {
    if (tap >= 0 && !(candidate > value) && !(std::isnan(candidate) && !std::isnan(value))) return;
    value = candidate;
    tap = candidate_tap;
  }
};

struct MaxPool2dKernel : FloatKernel {
  using Op = MaxPool2d;
  static constexpr std::string_view name = "reference/max_pool2d";
  static constexpr auto in_place = kNeverInPlace;

  // image: [H,W,C], read at channel c
  template <typename T>
  static Maximum<T> maximum(const T* image, const Shape& x, const Pair& window, Corner corner,
                            std::int64_t c) {
    Maximum<T> best;
    for (std::int64_t r = 0; r < window[0]; ++r)
      for (std::int64_t s = 0; s < window[1]; ++s) {
        const std::int64_t h = corner.h + r;
        const std::int64_t w = corner.w + s;
        if (h < 0 || h >= x[1] || w < 0 || w >= x[2]) continue;
        best.meet(image[(h * x[2] + w) * x[3] + c], r * window[1] + s);
      }
    return best;
  }

  // x: [N,H,W,C]  y, argmax: [N,P,Q,C]
  template <typename T>
  static void run(const Operands<MaxPool2d>& o) {
    const Shape& x = o.in_shape(0);
    const Shape& y = o.out_shape(0);
    const bool bytes = o.call.outputs[1].dtype == DType::u8;
    std::int64_t at = 0;
    for (std::int64_t n = 0; n < y[0]; ++n)
      for (std::int64_t p = 0; p < y[1]; ++p)
        for (std::int64_t q = 0; q < y[2]; ++q)
          for (std::int64_t c = 0; c < y[3]; ++c, ++at) {
            const Maximum<T> best = maximum(o.in<T>(0) + n * x.elements_per_sample(), x,
                                            o.op.window, corner_of(o.op, p, q), c);
            o.out<T>(0)[at] = best.value;
            if (bytes)
              o.out<std::uint8_t>(1)[at] = static_cast<std::uint8_t>(best.tap);
            else
              o.out<std::int32_t>(1)[at] = static_cast<std::int32_t>(best.tap);
          }
  }
};

struct MaxPool2dGradKernel : FloatKernel {
  using Op = MaxPool2dGrad;
  static constexpr std::string_view name = "reference/max_pool2d_grad";
  static constexpr auto in_place = kNeverInPlace;

  // dy, argmax: [N,P,Q,C]  dx: [N,H,W,C]
  template <typename T>
  static void run(const Operands<MaxPool2dGrad>& o) {
    const Shape& dy = o.in_shape(0);
    const Shape& dx = o.out_shape(0);
    const bool bytes = o.call.inputs[1].dtype == DType::u8;
    std::fill_n(o.out<T>(0), dx.elements(), T{0});
    std::int64_t at = 0;
    for (std::int64_t n = 0; n < dy[0]; ++n)
      for (std::int64_t p = 0; p < dy[1]; ++p)
        for (std::int64_t q = 0; q < dy[2]; ++q)
          for (std::int64_t c = 0; c < dy[3]; ++c, ++at) {
            const std::int64_t tap =
                bytes ? std::int64_t{o.in<std::uint8_t>(1)[at]} : o.in<std::int32_t>(1)[at];
            const Corner corner = corner_of(o.op, p, q);
            const std::int64_t h = corner.h + tap / o.op.window[1];
            const std::int64_t w = corner.w + tap % o.op.window[1];
            o.out<T>(0)[((n * dx[1] + h) * dx[2] + w) * dx[3] + c] += o.in<T>(0)[at];
          }
  }
};

}  // namespace

KernelEntry max_pool2d() { return entry_of<MaxPool2dKernel>(); }
KernelEntry max_pool2d_grad() { return entry_of<MaxPool2dGradKernel>(); }

}  // namespace evenkeel::reference
