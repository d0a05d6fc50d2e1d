// SPDX-License-Identifier: Apache-2.0
// Average pooling and its gradient in the reference's order: each pixel's channels side by side.
#include "evenkeel/graph/ops/avg_pool2d.h"

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/max_pool2d.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/avg_pool2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

using Four = hn::CappedTag<float, 4>;

// Where a window meets the image: rows [h0, h1), columns [w0, w1), and what each element counts.
struct Window {
  int64_t h0, h1, w0, w1;
  float share;
};

HWY_INLINE Window window_at(const Pooling& p, bool count_padding, int64_t i, int64_t j) {
  const int64_t h = i * p.stride_h - p.top;
  const int64_t w = j * p.stride_w - p.left;
  Window window = {HWY_MAX(h, 0), HWY_MIN(h + p.R, p.H), HWY_MAX(w, 0), HWY_MIN(w + p.S, p.W), 0};
  const auto rows = static_cast<double>(count_padding ? p.R : window.h1 - window.h0);
  const auto columns = static_cast<double>(count_padding ? p.S : window.w1 - window.w0);
  window.share = static_cast<float>(1 / (rows * columns));
  return window;
}

// The mean of the lanes at x over the window; x: the image at some channel.
template <class D>
HWY_INLINE void mean_lanes(D d, const float* x, const Pooling& p, const Window& o, float* y) {
  const auto share = hn::Set(d, o.share);
  auto sum = hn::Zero(d);
  for (int64_t h = o.h0; h < o.h1; ++h)
    for (int64_t w = o.w0; w < o.w1; ++w)
      sum = hn::Add(sum, hn::Mul(hn::LoadU(d, x + (h * p.W + w) * p.C), share));
  hn::StoreU(sum, d, y);
}

// The same of four vectors, so that a large window's pixels are read in long pieces.
HWY_INLINE void mean_wide(const float* x, const Pooling& p, const Window& o, float* y) {
  const Full d;
  const size_t lanes = hn::Lanes(d);
  const auto share = hn::Set(d, o.share);
  auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
  for (int64_t h = o.h0; h < o.h1; ++h)
    for (int64_t w = o.w0; w < o.w1; ++w) {
      const float* at = x + (h * p.W + w) * p.C;
      s0 = hn::Add(s0, hn::Mul(hn::LoadU(d, at), share));
      s1 = hn::Add(s1, hn::Mul(hn::LoadU(d, at + lanes), share));
      s2 = hn::Add(s2, hn::Mul(hn::LoadU(d, at + 2 * lanes), share));
      s3 = hn::Add(s3, hn::Mul(hn::LoadU(d, at + 3 * lanes), share));
    }
  hn::StoreU(s0, d, y);
  hn::StoreU(s1, d, y + lanes);
  hn::StoreU(s2, d, y + 2 * lanes);
  hn::StoreU(s3, d, y + 3 * lanes);
}

HWY_INLINE void mean_channels(const float* x, const Pooling& p, const Window& o, float* y) {
  const Full d;
  const Four four;
  const int64_t full_lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t four_lanes = static_cast<int64_t>(hn::Lanes(four));
  int64_t c = 0;
  for (; c + 4 * full_lanes <= p.C; c += 4 * full_lanes) mean_wide(x + c, p, o, y + c);
  for (; c + full_lanes <= p.C; c += full_lanes) mean_lanes(d, x + c, p, o, y + c);
  for (; c + four_lanes <= p.C; c += four_lanes) mean_lanes(four, x + c, p, o, y + c);
  for (; c < p.C; ++c) mean_lanes(One(), x + c, p, o, y + c);
}

// x: [N,H,W,C] -> y: [N,P,Q,C].
void avg_pool2d_f32(const Pooling& p, bool count_padding, const float* x, float* y) {
  for (int64_t n = 0; n < p.N; ++n, x += p.H * p.W * p.C)
    for (int64_t i = 0; i < p.P; ++i)
      for (int64_t j = 0; j < p.Q; ++j, y += p.C)
        mean_channels(x, p, window_at(p, count_padding, i, j), y);
}

struct AddShare {
  float share;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V dy, V dx) const {
    return hn::Add(dx, hn::Mul(dy, hn::Set(d, share)));
  }
};

// dy: [N,P,Q,C] -> dx: [N,H,W,C].
void avg_pool2d_grad_f32(const Pooling& p, bool count_padding, const float* dy, float* dx) {
  const auto channels = static_cast<size_t>(p.C);
  std::fill_n(dx, p.N * p.H * p.W * p.C, 0.0F);
  for (int64_t n = 0; n < p.N; ++n, dx += p.H * p.W * p.C)
    for (int64_t i = 0; i < p.P; ++i)
      for (int64_t j = 0; j < p.Q; ++j, dy += p.C) {
        const Window o = window_at(p, count_padding, i, j);
        for (int64_t h = o.h0; h < o.h1; ++h)
          for (int64_t w = o.w0; w < o.w1; ++w) {
            float* at = dx + (h * p.W + w) * p.C;
            map2(dy, at, at, channels, AddShare{o.share});
          }
      }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(avg_pool2d_f32);
HWY_EXPORT(avg_pool2d_grad_f32);

struct AvgPool2dKernel {
  using Op = AvgPool2d;
  static constexpr std::string_view name = "native/avg_pool2d";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit AvgPool2dKernel(const Call& call)
      : pooling(pooling_of(std::get<Op>(call.op), call.inputs[0].shape, call.outputs[0].shape)),
        count_padding(std::get<Op>(call.op).count_padding) {}
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(avg_pool2d_f32)
    (pooling, count_padding, in<float>(args, 0), out<float>(args, 0));
  }
  Pooling pooling;
  bool count_padding;
};

struct AvgPool2dGradKernel {
  using Op = AvgPool2dGrad;
  static constexpr std::string_view name = "native/avg_pool2d_grad";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit AvgPool2dGradKernel(const Call& call)
      : pooling(pooling_of(std::get<Op>(call.op), call.outputs[0].shape, call.inputs[0].shape)),
        count_padding(std::get<Op>(call.op).count_padding) {}
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(avg_pool2d_grad_f32)
    (pooling, count_padding, in<float>(args, 0), out<float>(args, 0));
  }
  Pooling pooling;
  bool count_padding;
};

}  // namespace

KernelEntry avg_pool2d() { return entry_of<AvgPool2dKernel>(); }
KernelEntry avg_pool2d_grad() { return entry_of<AvgPool2dGradKernel>(); }

}  // namespace evenkeel::native
#endif
