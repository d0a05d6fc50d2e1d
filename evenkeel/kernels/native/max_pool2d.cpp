// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/max_pool2d.h"

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/epilogue.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/max_pool2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"
#include "evenkeel/kernels/native/max_pool2d-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

using Four = hn::CappedTag<float, 4>;

// What is done to each maximum while it is in a register; `channel` is its first.
struct Plain {
  template <class D, class V>
  HWY_INLINE V operator()(D, V best, int64_t) const {
    return best;
  }
};
template <bool kBias, bool kRelu>
struct BiasRelu {
  const float* bias;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V best, int64_t channel) const {
    if (kBias) best = hn::Add(best, hn::LoadU(d, bias + channel));
    if (kRelu) best = rectified(d, best);
    return best;
  }
};

// Of one window, a vector of channels: the maximum and where it is.
template <class D>
struct Best {
  hn::Vec<D> value;
  hn::Vec<hn::Rebind<int32_t, D>> index;
};

// Where a window meets the image: rows [r0, r1), columns [s0, s1) of the window.
struct Overlap {
  int64_t r0, r1, s0, s1;
};

// The lanes of one window of any form; x: its first element inside the image.
template <class D>
HWY_INLINE Best<D> any_window(D d, const float* x, const Pooling& p, const Overlap& o) {
  const hn::Rebind<int32_t, D> di;
  Best<D> best = {hn::LoadU(d, x), hn::Set(di, static_cast<int32_t>(o.r0 * p.S + o.s0))};
  for (int64_t r = o.r0; r < o.r1; ++r)
    for (int64_t s = o.s0; s < o.s1; ++s)
      take_larger(d, hn::LoadU(d, x + ((r - o.r0) * p.W + s - o.s0) * p.C),
                  static_cast<int32_t>(r * p.S + s), best.value, best.index);
  return best;
}

// The lanes of one 2x2 window.
template <class D>
HWY_INLINE Best<D> window_2x2(D d, const float* x, const Pooling& p) {
  const hn::Rebind<int32_t, D> di;
  Best<D> best = {hn::LoadU(d, x), hn::Zero(di)};
  take_larger(d, hn::LoadU(d, x + p.C), 1, best.value, best.index);
  take_larger(d, hn::LoadU(d, x + p.W * p.C), 2, best.value, best.index);
  take_larger(d, hn::LoadU(d, x + (p.W + 1) * p.C), 3, best.value, best.index);
  return best;
}

// All channels of one window: whole vectors, then fours, then single lanes.
template <bool k2x2, class Then>
HWY_INLINE void all_channels(const float* x, const Pooling& p, const Overlap& o, Then then,
                             float* y, uint8_t* argmax) {
  const auto lanes_at = [&](auto d, int64_t c) HWY_ATTR {
    const auto best = k2x2 ? window_2x2(d, x + c, p) : any_window(d, x + c, p, o);
    store_window(d, then(d, best.value, c), best.index, y + c, argmax + c);
  };
  const Full d;
  const Four four;
  const int64_t full_lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t four_lanes = static_cast<int64_t>(hn::Lanes(four));
  int64_t c = 0;
  for (; c + full_lanes <= p.C; c += full_lanes) lanes_at(d, c);
  for (; c + four_lanes <= p.C; c += four_lanes) lanes_at(four, c);
  for (; c < p.C; ++c) lanes_at(One(), c);
}

template <class Then>
void pool(const Pooling& p, const float* x, Then then, float* y, uint8_t* argmax) {
  for (int64_t n = 0; n < p.N; ++n, x += p.H * p.W * p.C) {
    for (int64_t i = 0; i < p.P; ++i) {
      const int64_t h = i * p.stride_h - p.top;
      for (int64_t j = 0; j < p.Q; ++j, y += p.C, argmax += p.C) {
        const int64_t w = j * p.stride_w - p.left;
        const Overlap o = {HWY_MAX(-h, 0), HWY_MIN(p.R, p.H - h), HWY_MAX(-w, 0),
                           HWY_MIN(p.S, p.W - w)};
        const float* first = x + ((h + o.r0) * p.W + w + o.s0) * p.C;
        if (p.tiles_2x2)
          all_channels<true>(first, p, o, then, y, argmax);
        else
          all_channels<false>(first, p, o, then, y, argmax);
      }
    }
  }
}

// x: [N,H,W,C] -> y: [N,P,Q,C], argmax: u8[N,P,Q,C]; y with bias: [C], unless it is null, and ReLU.
void max_pool2d_f32(const Pooling& p, const float* x, const float* bias, bool relu, float* y,
                    uint8_t* argmax) {
  if (bias == nullptr)
    relu ? pool(p, x, BiasRelu<false, true>{bias}, y, argmax) : pool(p, x, Plain(), y, argmax);
  else
    relu ? pool(p, x, BiasRelu<true, true>{bias}, y, argmax)
         : pool(p, x, BiasRelu<true, false>{bias}, y, argmax);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(max_pool2d_f32);

bool pools_f32(const Call& call) {
  return is_dense(call.inputs[0], DType::f32) && is_dense(call.outputs[0], DType::f32) &&
         is_dense(call.outputs[1], DType::u8);
}

struct MaxPool2dKernel {
  using Op = MaxPool2d;
  static constexpr std::string_view name = "native/max_pool2d";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return pools_f32(call); }
  explicit MaxPool2dKernel(const Call& call)
      : pooling(pooling_of(std::get<MaxPool2d>(call.op), call.inputs[0].shape,
                           call.outputs[0].shape)) {}
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(max_pool2d_f32)
    (pooling, in<float>(args, 0), nullptr, false, out<float>(args, 0), out<std::uint8_t>(args, 1));
  }
  Pooling pooling;
};

// max_pool2d with [bias_add], [relu] or [bias_add, relu] behind it.
struct FusedMaxPool2dKernel {
  using Op = Fused;
  static constexpr std::string_view name = "native/fused/max_pool2d";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    const auto& op = std::get<Fused>(call.op);
    return std::holds_alternative<MaxPool2d>(op.core) && epilogue_of(op) && pools_f32(call);
  }
  explicit FusedMaxPool2dKernel(const Call& call)
      : pooling(pooling_of(std::get<MaxPool2d>(std::get<Fused>(call.op).core), call.inputs[0].shape,
                           call.outputs[0].shape)),
        epilogue(*epilogue_of(std::get<Fused>(call.op))) {}
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(max_pool2d_f32)
    (pooling, in<float>(args, 0), epilogue.bias ? in<float>(args, 1) : nullptr, epilogue.relu,
     out<float>(args, 0), out<std::uint8_t>(args, 1));
  }
  Pooling pooling;
  Epilogue epilogue;
};

}  // namespace

KernelEntry max_pool2d() { return entry_of<MaxPool2dKernel>(); }
KernelEntry fused_max_pool2d() { return entry_of<FusedMaxPool2dKernel>(); }

}  // namespace evenkeel::native
#endif
