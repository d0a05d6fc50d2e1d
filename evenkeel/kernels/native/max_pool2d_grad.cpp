// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/max_pool2d.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/max_pool2d_grad.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

using Four = hn::CappedTag<float, 4>;

HWY_INLINE void zero(float* x, int64_t count) {
  const Full d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(hn::Zero(d), d, x + i);
  for (; i < count; ++i) x[i] = 0;
}

// The lanes of one 2x2 window: dy where its maximum was, 0 in the other three places.
template <class D>
HWY_INLINE void window_2x2(D d, const float* dy, const uint8_t* argmax, const Pooling& p,
                           float* dx) {
  const hn::Rebind<int32_t, D> di;
  const hn::Rebind<uint8_t, D> du8;
  const auto gradient = hn::LoadU(d, dy);
  const auto index = hn::PromoteTo(di, hn::LoadU(du8, argmax));
  for (int32_t k = 0; k < 4; ++k) {
    const auto here = hn::RebindMask(d, hn::Eq(index, hn::Set(di, k)));
    hn::StoreU(hn::IfThenElseZero(here, gradient), d, dx + ((k / 2) * p.W + k % 2) * p.C);
  }
}

HWY_INLINE void all_channels(const float* dy, const uint8_t* argmax, const Pooling& p, float* dx) {
  const Full d;
  const Four four;
  const int64_t full_lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t four_lanes = static_cast<int64_t>(hn::Lanes(four));
  int64_t c = 0;
  for (; c + full_lanes <= p.C; c += full_lanes) window_2x2(d, dy + c, argmax + c, p, dx + c);
  for (; c + four_lanes <= p.C; c += four_lanes) window_2x2(four, dy + c, argmax + c, p, dx + c);
  for (; c < p.C; ++c) window_2x2(One(), dy + c, argmax + c, p, dx + c);
}

// dy: [N,P,Q,C], argmax: u8[N,P,Q,C] -> dx: [N,H,W,C]. Windows of 2x2 side by side: each dx is
// written once.
void max_pool2d_grad_2x2(const Pooling& p, const float* dy, const uint8_t* argmax, float* dx) {
  const int64_t row = p.W * p.C;
  for (int64_t n = 0; n < p.N; ++n, dx += p.H * row) {
    for (int64_t i = 0; i < p.P; ++i) {
      float* top = dx + 2 * i * row;
      for (int64_t j = 0; j < p.Q; ++j, dy += p.C, argmax += p.C)
        all_channels(dy, argmax, p, top + 2 * j * p.C);
      // The odd last column and row are in no window.
      zero(top + 2 * p.Q * p.C, row - 2 * p.Q * p.C);
      zero(top + row + 2 * p.Q * p.C, row - 2 * p.Q * p.C);
    }
    zero(dx + 2 * p.P * row, (p.H - 2 * p.P) * row);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(max_pool2d_grad_2x2);

// The same for windows that may overlap or reach over the edge: sums in the order of P, Q.
void max_pool2d_grad_any(const Pooling& p, const float* dy, const std::uint8_t* argmax, float* dx) {
  std::fill_n(dx, p.N * p.H * p.W * p.C, 0.0F);
  for (std::int64_t n = 0; n < p.N; ++n, dx += p.H * p.W * p.C)
    for (std::int64_t i = 0; i < p.P; ++i)
      for (std::int64_t j = 0; j < p.Q; ++j, dy += p.C, argmax += p.C)
        for (std::int64_t c = 0; c < p.C; ++c) {
          const std::int64_t h = i * p.stride_h - p.top + argmax[c] / p.S;
          const std::int64_t w = j * p.stride_w - p.left + argmax[c] % p.S;
          dx[(h * p.W + w) * p.C + c] += dy[c];
        }
}

struct MaxPool2dGradKernel {
  using Op = MaxPool2dGrad;
  static constexpr std::string_view name = "native/max_pool2d_grad";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.inputs[1], DType::u8) &&
           is_dense(call.outputs[0], DType::f32);
  }
  explicit MaxPool2dGradKernel(const Call& call)
      : pooling(pooling_of(std::get<MaxPool2dGrad>(call.op), call.outputs[0].shape,
                           call.inputs[0].shape)) {}
  void run(const Args& args, Range) const {
    const auto route =
        pooling.tiles_2x2 ? HWY_DYNAMIC_DISPATCH(max_pool2d_grad_2x2) : max_pool2d_grad_any;
    route(pooling, in<float>(args, 0), in<std::uint8_t>(args, 1), out<float>(args, 0));
  }
  Pooling pooling;
};

}  // namespace

KernelEntry max_pool2d_grad() { return entry_of<MaxPool2dGradKernel>(); }

}  // namespace evenkeel::native
#endif
