// SPDX-License-Identifier: Apache-2.0
// A first convolution with bias, ReLU and max-pooling by 2x2 behind it: the four sums of a window
// stay in registers until its maximum is known, and the map between them never exists. Lanes are
// output channels; images have few channels, so that a product of matrices would be a thin one.
#include "evenkeel/kernels/native/conv2d_pooled.h"

#include <algorithm>
#include <optional>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/epilogue.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/max_pool2d.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/conv2d_pooled.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/max_pool2d-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// Two vectors of channels by the four places of a window: 8 sums, 2 weights and a pixel fit 16
// registers.
using Lanes = hn::CappedTag<float, 16>;
using V = hn::Vec<Lanes>;
HWY_INLINE size_t block_width() { return 2 * hn::Lanes(Lanes()); }

size_t blocks(const PooledConv2d& z) { return (z.K + block_width() - 1) / block_width(); }

struct Scratch {
  Scratch(const PooledConv2d& z, float* scratch)
      : weights(scratch),
        bias(weights + blocks(z) * z.taps() * block_width()),
        field(bias + blocks(z) * block_width()) {}
  float* weights;  // [blocks][taps][block_width()], zeros behind K
  float* bias;     // [blocks][block_width()]
  float* field;    // [field_rows()][field_row()]
};

size_t pooled_scratch(const PooledConv2d& z) {
  return blocks(z) * (z.taps() + 1) * block_width() + z.field_rows() * z.field_row();
}

void pack_weights(const PooledConv2d& z, const float* weights, const float* bias,
                  const Scratch& s) {
  const size_t width = block_width();
  for (size_t block = 0; block < blocks(z); ++block)
    for (size_t lane = 0; lane < width; ++lane) {
      const size_t k = block * width + lane;
      s.bias[k] = bias != nullptr && k < z.K ? bias[k] : 0;
      for (size_t tap = 0; tap < z.taps(); ++tap)
        s.weights[(block * z.taps() + tap) * width + lane] = k < z.K ? weights[tap * z.K + k] : 0;
    }
}

// An image among zeros, from its padding's corner on.
void make_field(const PooledConv2d& z, const float* x, float* field) {
  const size_t row = z.field_row();
  const size_t from = HWY_MIN(z.left * z.C, row);
  const size_t count = HWY_MIN(z.W * z.C, row - from);
  for (size_t h = 0; h < z.field_rows(); ++h, field += row) {
    std::fill_n(field, row, 0.0F);
    if (h >= z.top && h < z.top + z.H)
      std::copy_n(x + (h - z.top) * z.W * z.C, count, field + from);
  }
}

// A vector's maxima of a window's four sums, and its part of a result of which `channels` exist.
HWY_INLINE void finish_window(const PooledConv2d& z, V s0, V s1, V s2, V s3, const float* bias,
                              size_t channels, float* y, uint8_t* argmax) {
  const Lanes d;
  const hn::Rebind<int32_t, Lanes> di;
  const V b = hn::Load(d, bias);
  s0 = hn::Add(s0, b), s1 = hn::Add(s1, b), s2 = hn::Add(s2, b), s3 = hn::Add(s3, b);
  if (z.relu) {
    s0 = rectified(d, s0), s1 = rectified(d, s1);
    s2 = rectified(d, s2), s3 = rectified(d, s3);
  }
  auto index = hn::Zero(di);
  take_larger(d, s1, 1, s0, index);
  take_larger(d, s2, 2, s0, index);
  take_larger(d, s3, 3, s0, index);
  if (HWY_LIKELY(channels >= hn::Lanes(d))) return store_window(d, s0, index, y, argmax);
  HWY_ALIGN float values[hn::MaxLanes(Lanes())];
  HWY_ALIGN uint8_t places[hn::MaxLanes(Lanes())];
  store_window(d, s0, index, values, places);
  std::copy_n(values, channels, y);
  std::copy_n(places, channels, argmax);
}

// One window, whose first place begins at `field`, for a block of channels.
HWY_INLINE void window(const PooledConv2d& z, const float* field, const float* weights,
                       const float* bias, size_t channels, float* y, uint8_t* argmax) {
  const Lanes d;
  const size_t L = hn::Lanes(d);
  const size_t row = z.field_row();
  V a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, e0 = a0, e1 = a0;
  for (size_t r = 0; r < z.R; ++r, field += row)
    for (size_t t = 0; t < z.S * z.C; ++t, weights += 2 * L) {
      const V w0 = hn::Load(d, weights);
      const V w1 = hn::Load(d, weights + L);
      V x = hn::Set(d, field[t]);
      a0 = hn::MulAdd(x, w0, a0), a1 = hn::MulAdd(x, w1, a1);
      x = hn::Set(d, field[t + z.C]);
      b0 = hn::MulAdd(x, w0, b0), b1 = hn::MulAdd(x, w1, b1);
      x = hn::Set(d, field[row + t]);
      c0 = hn::MulAdd(x, w0, c0), c1 = hn::MulAdd(x, w1, c1);
      x = hn::Set(d, field[row + t + z.C]);
      e0 = hn::MulAdd(x, w0, e0), e1 = hn::MulAdd(x, w1, e1);
    }
  finish_window(z, a0, b0, c0, e0, bias, channels, y, argmax);
  if (channels > L) finish_window(z, a1, b1, c1, e1, bias + L, channels - L, y + L, argmax + L);
}

void conv2d_pooled(const PooledConv2d& z, const float* x, const float* weights, const float* bias,
                   float* y, uint8_t* argmax, float* scratch) {
  const Scratch s(z, scratch);
  const size_t width = block_width();
  pack_weights(z, weights, bias, s);
  for (size_t n = 0; n < z.N; ++n, x += z.H * z.W * z.C) {
    make_field(z, x, s.field);
    for (size_t i = 0; i < z.I; ++i)
      for (size_t j = 0; j < z.J; ++j, y += z.K, argmax += z.K) {
        const float* field = s.field + 2 * i * z.field_row() + 2 * j * z.C;
        for (size_t block = 0, k = 0; k < z.K; ++block, k += width)
          window(z, field, s.weights + block * z.taps() * width, s.bias + k, z.K - k, y + k,
                 argmax + k);
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

HWY_EXPORT(conv2d_pooled);
HWY_EXPORT(pooled_scratch);

// The epilogue before a pooling by 2x2, the last op. None where there is another.
std::optional<Epilogue> pooled_epilogue_of(const Fused& op, const Call& call) {
  if (op.epilogue.empty() || !op.prologue.empty() || !std::holds_alternative<Conv2d>(op.core))
    return std::nullopt;
  const auto* pool = std::get_if<MaxPool2d>(&op.epilogue.back());
  if (pool == nullptr) return std::nullopt;
  const auto& conv = std::get<Conv2d>(op.core);
  const Shape& x = call.inputs[0].shape;
  const Shape& kernel = call.inputs[1].shape;
  const Shape map = {x[0], x[1] + conv.padding[0] + conv.padding[1] - kernel[0] + 1,
                     x[2] + conv.padding[2] + conv.padding[3] - kernel[1] + 1, kernel[3]};
  const bool plain = conv.stride == Pair{1, 1} && conv.dilation == Pair{1, 1} && conv.groups == 1 &&
                     pooling_of(*pool, map, call.outputs[0].shape).tiles_2x2;
  if (!plain) return std::nullopt;
  return epilogue_of(std::span(op.epilogue).first(op.epilogue.size() - 1));
}

PooledConv2d shape_of(const Call& call) {
  const auto& op = std::get<Fused>(call.op);
  const auto& conv = std::get<Conv2d>(op.core);
  const Epilogue epilogue = *pooled_epilogue_of(op, call);
  const auto extent = [](const ValueType& type, std::size_t axis) {
    return static_cast<std::size_t>(type.shape[axis]);
  };
  const ValueType& x = call.inputs[0];
  const ValueType& kernel = call.inputs[1];
  const ValueType& y = call.outputs[0];
  return {extent(x, 0),
          extent(x, 1),
          extent(x, 2),
          extent(x, 3),
          extent(kernel, 0),
          extent(kernel, 1),
          extent(y, 1),
          extent(y, 2),
          extent(y, 3),
          static_cast<std::size_t>(conv.padding[0]),
          static_cast<std::size_t>(conv.padding[2]),
          epilogue.bias,
          epilogue.relu};
}

struct PooledConv2dKernel {
  using Op = Fused;
  static constexpr std::string_view name = "native/fused/conv2d_pooled";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    if (call.outputs.size() != 2 || !is_dense(call.outputs[0], DType::f32) ||
        !is_dense(call.outputs[1], DType::u8))
      return false;
    for (const ValueType& input : call.inputs)
      if (!is_dense(input, DType::f32)) return false;
    return pooled_epilogue_of(std::get<Op>(call.op), call).has_value();
  }
  static std::size_t scratch_bytes(const Call& call) {
    return HWY_DYNAMIC_DISPATCH(pooled_scratch)(shape_of(call)) * sizeof(float);
  }
  explicit PooledConv2dKernel(const Call& call) : shape(shape_of(call)) {}
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(conv2d_pooled)
    (shape, in<float>(args, 0), in<float>(args, 1), shape.bias ? in<float>(args, 2) : nullptr,
     out<float>(args, 0), out<std::uint8_t>(args, 1), reinterpret_cast<float*>(args.scratch));
  }
  PooledConv2d shape;
};

}  // namespace

KernelEntry conv2d_pooled() { return entry_of<PooledConv2dKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
