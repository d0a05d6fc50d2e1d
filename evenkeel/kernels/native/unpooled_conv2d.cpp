// SPDX-License-Identifier: Apache-2.0
// The kernel's gradient of a first convolution, behind pooling by 2x2: lanes are output channels.
// Each has its maximum at one of a window's four places, so that a tap's factor is one number of a
// 2x2 patch of the image: one shuffle by the argmax and one multiplication, where an unpooled
// gradient takes four.
#include "evenkeel/kernels/native/unpooled_conv2d.h"

#include <algorithm>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/max_pool2d.h"
#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/unpooled_conv2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::CappedTag<float, 16>;
using Bytes = hn::Repartition<uint8_t, Lanes>;
using V = hn::Vec<Lanes>;

constexpr size_t kPatch = 4;
constexpr size_t kMostTaps = 9;  // sums at a time: with what they need they fit 16 registers

struct Scratch {
  Scratch(const UnpooledConv2d& u, float* scratch)
      : slopes(scratch),
        shuffles(slopes + u.I * u.J * hn::Lanes(Lanes())),
        image(shuffles + u.I * u.J * hn::Lanes(Lanes())),
        all(image + u.taps() * hn::Lanes(Lanes())),
        patches(all + u.taps() * u.C * hn::Lanes(Lanes())),
        field(patches + u.patch_rows() * u.patch_columns() * kPatch) {}
  float* slopes;    // [I J][lanes], the windows' gradients
  float* shuffles;  // [I J][lanes], four bytes each: which place of a patch
  float* image;     // [R S][lanes], the sums of one image and channel
  float* all;       // [C][R S][lanes]
  float* patches;
  float* field;
};

size_t unpooled_scratch(const UnpooledConv2d& u) {
  return (2 * u.I * u.J + (u.C + 1) * u.taps()) * hn::Lanes(Lanes()) +
         u.patch_rows() * u.patch_columns() * kPatch +
         (u.patch_rows() + 1) * (u.patch_columns() + 1);
}

// A channel of x: [H,W,C] among zeros, one row and column more than there are patches.
void make_field(const UnpooledConv2d& u, const float* x, float* field) {
  const size_t columns = u.patch_columns() + 1;
  const size_t count = HWY_MIN(u.W, columns - HWY_MIN(u.left, columns));
  for (size_t y = 0; y <= u.patch_rows(); ++y, field += columns) {
    std::fill_n(field, columns, 0.0F);
    if (y < u.top || y >= u.top + u.H) continue;
    const float* row = x + (y - u.top) * u.W * u.C;
    for (size_t w = 0; w < count; ++w) field[u.left + w] = row[w * u.C];
  }
}

#if HWY_TARGET != HWY_SCALAR
// Four patches side by side: the transpose of two rows and the same rows one further.
HWY_INLINE void four_patches(const float* row, const float* below, float* patches) {
  const hn::CappedTag<float, 4> d;
  const auto a = hn::LoadU(d, row);
  const auto a_next = hn::LoadU(d, row + 1);
  const auto b = hn::LoadU(d, below);
  const auto b_next = hn::LoadU(d, below + 1);
  const auto a_lower = hn::InterleaveLower(d, a, a_next);
  const auto b_lower = hn::InterleaveLower(d, b, b_next);
  const auto a_upper = hn::InterleaveUpper(d, a, a_next);
  const auto b_upper = hn::InterleaveUpper(d, b, b_next);
  hn::StoreU(hn::ConcatLowerLower(d, b_lower, a_lower), d, patches);
  hn::StoreU(hn::ConcatUpperUpper(d, b_lower, a_lower), d, patches + kPatch);
  hn::StoreU(hn::ConcatLowerLower(d, b_upper, a_upper), d, patches + 2 * kPatch);
  hn::StoreU(hn::ConcatUpperUpper(d, b_upper, a_upper), d, patches + 3 * kPatch);
}
#endif

// patches: [rows][columns][4]
void make_patches(const UnpooledConv2d& u, const float* field, float* patches) {
  const size_t columns = u.patch_columns();
  for (size_t y = 0; y < u.patch_rows(); ++y, field += columns + 1) {
    const float* below = field + columns + 1;
    size_t z = 0;
#if HWY_TARGET != HWY_SCALAR
    for (; z + 4 <= columns; z += 4, patches += 4 * kPatch)
      four_patches(field + z, below + z, patches);
#endif
    for (; z < columns; ++z, patches += kPatch) {
      patches[0] = field[z];
      patches[1] = field[z + 1];
      patches[2] = below[z];
      patches[3] = below[z + 1];
    }
  }
}

// The gradients of `channels` lanes, and the shuffles that pick their places of a patch: the four
// bytes of a float from place * 4 on.
void take_windows(const UnpooledConv2d& u, const float* dy, const uint8_t* argmax, size_t channels,
                  const Scratch& s) {
  const Lanes d;
  const hn::Rebind<uint32_t, Lanes> du32;
  const hn::Rebind<uint8_t, Lanes> du8;
  const size_t lanes = hn::Lanes(d);
  HWY_ALIGN float some_slopes[hn::MaxLanes(Lanes())] = {};
  HWY_ALIGN uint8_t some_places[hn::MaxLanes(Lanes())] = {};
  float* slopes = s.slopes;
  uint32_t* shuffles = reinterpret_cast<uint32_t*>(s.shuffles);
  for (size_t window = 0; window < u.I * u.J; ++window, dy += u.K, argmax += u.K) {
    constexpr size_t kAhead = 16;  // windows: no processor foresees steps of all channels
    hwy::Prefetch(dy + kAhead * u.K);
    hwy::Prefetch(argmax + kAhead * u.K);
    const bool whole = channels >= lanes;
    if (!whole) {
      std::copy_n(dy, channels, some_slopes);
      std::copy_n(argmax, channels, some_places);
    }
    const auto places = hn::PromoteTo(du32, hn::LoadU(du8, whole ? argmax : some_places));
    hn::Store(hn::LoadU(d, whole ? dy : some_slopes), d, slopes + window * lanes);
    hn::Store(hn::Add(hn::Mul(places, hn::Set(du32, 0x04040404U)), hn::Set(du32, 0x03020100U)),
              du32, shuffles + window * lanes);
  }
}

// The number that each lane picks of a patch.
HWY_INLINE V picked(const float* patch, const float* shuffle) {
  const Lanes d;
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(d, patch[*reinterpret_cast<const uint8_t*>(shuffle) / sizeof(float)]);  // low byte
#else
  const Bytes bytes;
  const auto all = hn::BitCast(bytes, hn::LoadDup128(d, patch));
  const auto from = hn::Load(bytes, reinterpret_cast<const uint8_t*>(shuffle));
  return hn::BitCast(d, hn::TableLookupBytes(all, from));
#endif
}

template <size_t kTaps>
HWY_INLINE V load_sum(const float* sums, size_t tap) {
  const Lanes d;
  return tap < kTaps ? hn::Load(d, sums + tap * hn::Lanes(d)) : hn::Zero(d);
}
template <size_t kTaps>
HWY_INLINE void store_sum(V sum, float* sums, size_t tap) {
  const Lanes d;
  if (tap < kTaps) hn::Store(sum, d, sums + tap * hn::Lanes(d));
}

// sums: [taps][lanes] += over all windows, for the taps at `offsets` from a window's first patch.
// (Spelled out: vectors of unknown length cannot stand in an array.)
template <size_t kTaps>
HWY_INLINE void add_taps(const UnpooledConv2d& u, const Scratch& s, const size_t* offsets,
                         float* sums) {
  const Lanes d;
  const size_t L = hn::Lanes(d);
  V s0 = load_sum<kTaps>(sums, 0), s1 = load_sum<kTaps>(sums, 1), s2 = load_sum<kTaps>(sums, 2);
  V s3 = load_sum<kTaps>(sums, 3), s4 = load_sum<kTaps>(sums, 4), s5 = load_sum<kTaps>(sums, 5);
  V s6 = load_sum<kTaps>(sums, 6), s7 = load_sum<kTaps>(sums, 7), s8 = load_sum<kTaps>(sums, 8);
  const float* slope = s.slopes;
  const float* shuffle = s.shuffles;
  for (size_t i = 0; i < u.I; ++i) {
    const float* patch = s.patches + 2 * i * u.patch_columns() * kPatch;
    for (size_t j = 0; j < u.J; ++j, patch += 2 * kPatch, slope += L, shuffle += L) {
      const V dy = hn::Load(d, slope);
      s0 = hn::MulAdd(picked(patch + offsets[0], shuffle), dy, s0);
      if constexpr (kTaps > 1) s1 = hn::MulAdd(picked(patch + offsets[1], shuffle), dy, s1);
      if constexpr (kTaps > 2) s2 = hn::MulAdd(picked(patch + offsets[2], shuffle), dy, s2);
      if constexpr (kTaps > 3) s3 = hn::MulAdd(picked(patch + offsets[3], shuffle), dy, s3);
      if constexpr (kTaps > 4) s4 = hn::MulAdd(picked(patch + offsets[4], shuffle), dy, s4);
      if constexpr (kTaps > 5) s5 = hn::MulAdd(picked(patch + offsets[5], shuffle), dy, s5);
      if constexpr (kTaps > 6) s6 = hn::MulAdd(picked(patch + offsets[6], shuffle), dy, s6);
      if constexpr (kTaps > 7) s7 = hn::MulAdd(picked(patch + offsets[7], shuffle), dy, s7);
      if constexpr (kTaps > 8) s8 = hn::MulAdd(picked(patch + offsets[8], shuffle), dy, s8);
    }
  }
  store_sum<kTaps>(s0, sums, 0), store_sum<kTaps>(s1, sums, 1), store_sum<kTaps>(s2, sums, 2);
  store_sum<kTaps>(s3, sums, 3), store_sum<kTaps>(s4, sums, 4), store_sum<kTaps>(s5, sums, 5);
  store_sum<kTaps>(s6, sums, 6), store_sum<kTaps>(s7, sums, 7), store_sum<kTaps>(s8, sums, 8);
}

// The same for any 1 to kMostTaps of them.
void add_some_taps(const UnpooledConv2d& u, const Scratch& s, const size_t* offsets, size_t taps,
                   float* sums) {
  switch (taps) {
    case 1:
      return add_taps<1>(u, s, offsets, sums);
    case 2:
      return add_taps<2>(u, s, offsets, sums);
    case 3:
      return add_taps<3>(u, s, offsets, sums);
    case 4:
      return add_taps<4>(u, s, offsets, sums);
    case 5:
      return add_taps<5>(u, s, offsets, sums);
    case 6:
      return add_taps<6>(u, s, offsets, sums);
    case 7:
      return add_taps<7>(u, s, offsets, sums);
    case 8:
      return add_taps<8>(u, s, offsets, sums);
    default:
      return add_taps<9>(u, s, offsets, sums);
  }
}

// all: [R S][lanes] += the sums of one image's channel, whose patches and windows are there.
void add_image(const UnpooledConv2d& u, const Scratch& s, float* all) {
  const Lanes d;
  const size_t lanes = hn::Lanes(d);
  for (size_t i = 0; i < u.taps() * lanes; i += lanes) hn::Store(hn::Zero(d), d, s.image + i);
  for (size_t tap = 0; tap < u.taps(); tap += kMostTaps) {
    const size_t count = HWY_MIN(kMostTaps, u.taps() - tap);
    size_t offsets[kMostTaps];
    for (size_t t = 0; t < count; ++t)
      offsets[t] = ((tap + t) / u.S * u.patch_columns() + (tap + t) % u.S) * kPatch;
    add_some_taps(u, s, offsets, count, s.image + tap * lanes);
  }
  // Image by image: sums over all windows of a batch would round more.
  for (size_t i = 0; i < u.taps() * lanes; i += lanes)
    hn::Store(hn::Add(hn::Load(d, all + i), hn::Load(d, s.image + i)), d, all + i);
}

// dW: [R,S,C,K], of the channels [begin, end) of K.
void unpooled_conv2d_grad_kernel(const UnpooledConv2d& u, const float* x, const float* dy,
                                 const uint8_t* argmax, float* kernel, size_t begin, size_t end,
                                 float* scratch) {
  const Lanes d;
  const size_t lanes = hn::Lanes(d);
  const Scratch s(u, scratch);
  for (size_t k = begin; k < end; k += lanes) {
    const size_t channels = HWY_MIN(lanes, end - k);
    for (size_t i = 0; i < u.C * u.taps() * lanes; i += lanes) hn::Store(hn::Zero(d), d, s.all + i);
    for (size_t n = 0; n < u.N; ++n) {
      const size_t windows = n * u.I * u.J * u.K + k;
      take_windows(u, dy + windows, argmax + windows, channels, s);
      for (size_t c = 0; c < u.C; ++c) {
        make_field(u, x + n * u.H * u.W * u.C + c, s.field);
        make_patches(u, s.field, s.patches);
        add_image(u, s, s.all + c * u.taps() * lanes);
      }
    }
    for (size_t c = 0; c < u.C; ++c)
      for (size_t tap = 0; tap < u.taps(); ++tap)
        std::copy_n(s.all + (c * u.taps() + tap) * lanes, channels,
                    kernel + (tap * u.C + c) * u.K + k);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(unpooled_conv2d_grad_kernel);
HWY_EXPORT(unpooled_scratch);

UnpooledConv2d shape_of(const Call& call) {
  const auto& op = std::get<UnpooledConv2dGradKernel>(call.op);
  const auto extent = [](const ValueType& type, std::size_t axis) {
    return static_cast<std::size_t>(type.shape[axis]);
  };
  const ValueType& x = call.inputs[0];
  const ValueType& dy = call.inputs[1];
  const ValueType& kernel = call.outputs[0];
  return {extent(x, 0),
          extent(x, 1),
          extent(x, 2),
          extent(x, 3),
          extent(kernel, 0),
          extent(kernel, 1),
          extent(dy, 1),
          extent(dy, 2),
          extent(dy, 3),
          static_cast<std::size_t>(op.padding[0]),
          static_cast<std::size_t>(op.padding[2])};
}

struct UnpooledConv2dGradKernelKernel {
  using Op = UnpooledConv2dGradKernel;
  static constexpr std::string_view name = "native/unpooled_conv2d_grad_kernel";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0};
  static bool accepts(const Call& call) {
    const auto& op = std::get<Op>(call.op);
    const ValueType& dy = call.inputs[1];
    const bool plain = op.stride == Pair{1, 1} && is_dense(call.inputs[0], DType::f32) &&
                       is_dense(dy, DType::f32) && is_dense(call.inputs[2], DType::u8) &&
                       is_dense(call.outputs[0], DType::f32);
    if (!plain) return false;
    const Shape map = {dy.shape[0], op.size[0], op.size[1], dy.shape[3]};
    return pooling_of(op.unpool(), map, dy.shape).tiles_2x2;
  }
  // Half a block where there is one alone, so that two threads have work.
  static std::int64_t block_of(std::int64_t channels) {
    return channels <= kChannelBlock ? kChannelBlock / 2 : kChannelBlock;
  }
  static std::int64_t extent(const Call& call) {
    const std::int64_t channels = call.outputs[0].shape.back();
    return blocks_of(channels, block_of(channels));
  }
  static std::size_t scratch_bytes(const Call& call) {
    return HWY_DYNAMIC_DISPATCH(unpooled_scratch)(shape_of(call)) * sizeof(float);
  }
  explicit UnpooledConv2dGradKernelKernel(const Call& call) : shape(shape_of(call)) {}
  void run(const Args& args, Range range) const {
    const std::int64_t block = block_of(static_cast<std::int64_t>(shape.K));
    const auto begin = static_cast<std::size_t>(range.begin * block);
    const auto end = std::min(static_cast<std::size_t>(range.end * block), shape.K);
    HWY_DYNAMIC_DISPATCH(unpooled_conv2d_grad_kernel)
    (shape, in<float>(args, 0), in<float>(args, 1), in<std::uint8_t>(args, 2), out<float>(args, 0),
     begin, end, reinterpret_cast<float*>(args.scratch));
  }
  UnpooledConv2d shape;
};

}  // namespace

KernelEntry unpooled_conv2d_grad_kernel() { return entry_of<UnpooledConv2dGradKernelKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
