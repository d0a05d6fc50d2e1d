// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/batch_norm_apply.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/batch_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// For up to kGroup channels side by side.
using Coefficients = AffineOf<kGroup>;

// What follows, on the way: + addend, [rows, C] as y, and ReLU.
struct Behind {
  const float* addend = nullptr;
  bool relu = false;
};

// x, addend, y: [rows, width] at their strides, width a multiple of 16.
template <bool kAdd, bool kRelu>
HWY_INLINE void map_rows(const Affine& k, Tile x, Tile addend, float* y, size_t y_stride,
                         size_t rows, size_t width) {
  const Wide d;
  for (size_t r = 0; r < rows; ++r, x.x += x.stride, addend.x += addend.stride, y += y_stride)
    for (size_t c = 0; c < width; c += hn::Lanes(d)) {
      auto v = k(d, hn::LoadU(d, x.x + c), c);
      if constexpr (kAdd) v = hn::Add(v, hn::LoadU(d, addend.x + c));
      if constexpr (kRelu) v = Rectify()(d, v);
      hn::StoreU(v, d, y + c);
    }
}

// The channels [c, c + width) of all rows; fewer than 16 go through a padded copy.
template <bool kAdd, bool kRelu>
HWY_INLINE void map_group(const Affine& k, const float* x, const float* addend, float* y,
                          size_t rows, size_t C, size_t width) {
  if (width % kWidth == 0)
    return map_rows<kAdd, kRelu>(k, {x, C}, {addend, kAdd ? C : 0}, y, C, rows, width);
  HWY_ALIGN float copy[kBlockRows * kWidth];
  HWY_ALIGN float addend_copy[kBlockRows * kWidth];
  for (size_t r = 0; r < rows; r += kBlockRows) {
    const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
    tile_of(x + r * C, C, block_rows, width, copy);
    Tile more = {addend_copy, kWidth};
    if constexpr (kAdd) more = tile_of(addend + r * C, C, block_rows, width, addend_copy);
    map_rows<kAdd, kRelu>(k, {copy, kWidth}, more, copy, kWidth, block_rows, kWidth);
    store_tile(copy, block_rows, width, y + r * C, C);
  }
}

HWY_INLINE void map_behind(const Affine& k, const float* x, const Behind& behind, size_t c,
                           float* y, size_t rows, size_t C, size_t width) {
  const float* addend = behind.addend != nullptr ? behind.addend + c : nullptr;
  if (addend != nullptr && behind.relu)
    map_group<true, true>(k, x + c, addend, y + c, rows, C, width);
  else if (addend != nullptr)
    map_group<true, false>(k, x + c, addend, y + c, rows, C, width);
  else if (behind.relu)
    map_group<false, true>(k, x + c, nullptr, y + c, rows, C, width);
  else
    map_group<false, false>(k, x + c, nullptr, y + c, rows, C, width);
}

// x, y: [rows, C]; what n has: [C]; for the channels [begin, end).
void batch_norm_apply_f32(const float* x, const Normalisation& n, const float* addend, bool relu,
                          float* y, size_t rows, size_t C, size_t begin, size_t end) {
  Coefficients k;
  for (size_t c = begin, width = 0; c < end; c += width) {
    width = group_width(end - c);
    load_normalisation(n.from(c), width, k.centre, k.scale, k.shift);
    map_behind(k.view(), x, {addend, relu}, c, y, rows, C, width);
  }
}

// x, y: [rows, C]; centre, scale, shift: [C]; for the channels [begin, end).
void channel_affine_f32(const float* x, const float* centre, const float* scale, const float* shift,
                        float* y, size_t rows, size_t C, size_t begin, size_t end) {
  Coefficients k;
  for (size_t c = begin, width = 0; c < end; c += width) {
    width = group_width(end - c);
    for (size_t i = 0; i < width; i += kWidth) {
      const size_t channels = HWY_MIN(kWidth, width - i);
      load_channels(centre + c + i, channels, 0.0F, k.centre + i);
      load_channels(scale + c + i, channels, 0.0F, k.scale + i);
      load_channels(shift + c + i, channels, 0.0F, k.shift + i);
    }
    map_behind(k.view(), x, {}, c, y, rows, C, width);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(batch_norm_apply_f32);
HWY_EXPORT(channel_affine_f32);

// Of BatchNormApply, or of Fused with it as core.
struct ApplyKernel : ChannelKernel {
  ApplyKernel(const Call& call, double e)
      : ChannelKernel(call, call.inputs[1].shape.rank() == 2), epsilon(e) {}
  // One sample after another where each has moments of its own, else all rows at once.
  void apply(const Args& args, Range range, const float* addend, bool relu) const {
    const Channels c = channels(range);
    for (std::size_t n = 0; n < samples(); ++n) {
      const std::size_t at = n * c.rows * c.all;
      const std::size_t own = n * c.all;
      const Normalisation y = {in<double>(args, 1) + own, in<double>(args, 2) + own,
                               in<double>(args, 3) + own, in<float>(args, 4),
                               in<float>(args, 5),        epsilon};
      HWY_DYNAMIC_DISPATCH(batch_norm_apply_f32)
      (in<float>(args, 0) + at, y, addend != nullptr ? addend + at : nullptr, relu,
       out<float>(args, 0) + at, c.rows, c.all, c.begin, c.end);
    }
  }
  double epsilon;
};

struct BatchNormApplyKernel : ApplyKernel {
  using Op = BatchNormApply;
  static constexpr std::string_view name = "native/batch_norm_apply";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return all_f32_but_moments(call, 1); }
  explicit BatchNormApplyKernel(const Call& call)
      : ApplyKernel(call, std::get<Op>(call.op).epsilon) {}
  void run(const Args& args, Range range) const { apply(args, range, nullptr, false); }
};

// With [add], [relu] or [add, relu] behind it.
struct FusedBatchNormApplyKernel : ApplyKernel {
  using Op = Fused;
  static constexpr std::string_view name = "native/fused/batch_norm_apply";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) {
    const auto& op = std::get<Op>(call.op);
    return std::holds_alternative<BatchNormApply>(op.core) && op.prologue.empty() &&
           std::size_t{adds(op)} + std::size_t{rectifies(op)} == op.epilogue.size() &&
           all_f32_but_moments(call, 1);
  }
  explicit FusedBatchNormApplyKernel(const Call& call)
      : ApplyKernel(call, std::get<BatchNormApply>(std::get<Op>(call.op).core).epsilon),
        add(adds(std::get<Op>(call.op))),
        relu(rectifies(std::get<Op>(call.op))) {}
  void run(const Args& args, Range range) const {
    apply(args, range, add ? in<float>(args, 6) : nullptr, relu);
  }
  static bool adds(const Fused& op) {
    return !op.epilogue.empty() && std::holds_alternative<Add>(op.epilogue.front());
  }
  static bool rectifies(const Fused& op) {
    return !op.epilogue.empty() && std::holds_alternative<Relu>(op.epilogue.back());
  }
  bool add, relu;
};

struct ChannelAffineKernel : ChannelKernel {
  using Op = ChannelAffine;
  static constexpr std::string_view name = "native/channel_affine";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return all_f32(call); }
  using ChannelKernel::ChannelKernel;
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(channel_affine_f32)
    (in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), in<float>(args, 3),
     out<float>(args, 0), c.rows, c.all, c.begin, c.end);
  }
};

}  // namespace

KernelEntry batch_norm_apply() { return entry_of<BatchNormApplyKernel>(); }
KernelEntry fused_batch_norm_apply() { return entry_of<FusedBatchNormApplyKernel>(); }
KernelEntry channel_affine() { return entry_of<ChannelAffineKernel>(); }

}  // namespace evenkeel::native
#endif
