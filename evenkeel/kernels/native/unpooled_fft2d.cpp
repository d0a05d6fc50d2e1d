// SPDX-License-Identifier: Apache-2.0
// The spectrum of a map's gradient behind pooling by 2x2: a row of windows is two rows of the map
// as they are read, and the map never exists.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/fft.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/max_pool2d.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/unpooled_fft2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/fft2d-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE hn::Vec<hn::Rebind<int32_t, Lanes>> load_places(const uint8_t* argmax, size_t channels) {
  const Lanes d;
  const hn::Rebind<int32_t, Lanes> di;
  const hn::Rebind<uint8_t, Lanes> du8;
  if (HWY_LIKELY(channels >= hn::Lanes(d))) return hn::PromoteTo(di, hn::LoadU(du8, argmax));
  HWY_ALIGN uint8_t copy[hn::MaxLanes(Lanes())] = {};
  for (size_t c = 0; c < channels; ++c) copy[c] = argmax[c];
  return hn::PromoteTo(di, hn::Load(du8, copy));
}

// A row of windows as two rows of the map: each gradient at its place, zeros elsewhere.
struct UnpooledRows {
  const float* dy;
  const uint8_t* argmax;
  const Field& windows;
  size_t channels;
  size_t next;
  HWY_INLINE void load(size_t w, V& re, V& im) const {
    const Lanes d;
    const hn::Rebind<int32_t, Lanes> di;
    re = im = hn::Zero(d);
    if (w < windows.left || w >= windows.left + 2 * windows.W) return;
    const size_t at = (w - windows.left) / 2 * windows.C;
    const auto column = static_cast<int32_t>((w - windows.left) % 2);
    hwy::Prefetch(dy + at + next);
    hwy::Prefetch(argmax + at + next);
    const V slope = load_some(dy + at, channels);
    const auto place = load_places(argmax + at, channels);
    const auto is = [&](int32_t wanted)
                        HWY_ATTR { return hn::RebindMask(d, hn::Eq(place, hn::Set(di, wanted))); };
    re = hn::IfThenElseZero(is(column), slope);
    im = hn::IfThenElseZero(is(2 + column), slope);
  }
};

// dy, argmax: [N,I,J,C] -> Z: [N,F,2,C], of the channels [begin, end).
void unpooled_fft2d_f32(const FftTable& t, const Field& windows, const float* dy,
                        const uint8_t* argmax, float* Z, size_t N, size_t begin, size_t end,
                        float* scratch) {
  const size_t n = t.length;
  const size_t F = n * n / 2 + 2;
  const size_t C = windows.C;
  const size_t row = windows.W * C;
  const FieldScratch s(scratch, n);
  // Rows without windows are zeros in every image.
  clear_rows(s.columns, 0, n, n);
  for (size_t image = 0; image < N; ++image)
    for (size_t c = begin; c < end; c += hn::Lanes(Lanes())) {
      const Next next = next_of(windows, F, c, begin, end);
      for (size_t i = 0; i < windows.H; ++i) {
        const size_t at = (image * windows.H + i) * row + c;
        const UnpooledRows rows = {dy + at, argmax + at, windows, end - c, next.pixels};
        fft(rows, s.row, t, s.fft);
        part_rows(s.row, s.columns, windows.top + 2 * i, n);
      }
      columns_to_spectrum(t, s, {Z + image * F * 2 * C + c, C, end - c, next.spectra});
    }
}

size_t unpooled_fft2d_scratch(size_t n) { return fft2d_scratch(n); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(unpooled_fft2d_f32);
HWY_EXPORT(unpooled_fft2d_scratch);

struct UnpooledFft2dKernel : ChannelKernel {
  using Op = UnpooledFft2d;
  static constexpr std::string_view name = "native/unpooled_fft2d";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    const auto& op = std::get<Op>(call.op);
    const Shape& dy = call.inputs[0].shape;
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.inputs[1], DType::u8) &&
           is_dense(call.outputs[0], DType::f32) && FftTable::supports(op.size) &&
           pooling_of(op.unpool(), {dy[0], op.map[0], op.map[1], dy[3]}, dy).tiles_2x2;
  }
  static std::size_t scratch_bytes(const Call& call) {
    const auto size = static_cast<std::size_t>(std::get<Op>(call.op).size);
    return HWY_DYNAMIC_DISPATCH(unpooled_fft2d_scratch)(size) * sizeof(float);
  }
  explicit UnpooledFft2dKernel(const Call& call)
      : ChannelKernel(call),
        table(std::get<Op>(call.op).size),
        windows(field_of(call.inputs[0].shape, std::get<Op>(call.op).place)),
        samples(static_cast<std::size_t>(call.inputs[0].shape[0])) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(unpooled_fft2d_f32)
    (table, windows, in<float>(args, 0), in<std::uint8_t>(args, 1), out<float>(args, 0), samples,
     c.begin, c.end, reinterpret_cast<float*>(args.scratch));
  }
  FftTable table;
  Field windows;  // [I,J,C], from the map's place on
  std::size_t samples;
};

}  // namespace

KernelEntry unpooled_fft2d() { return entry_of<UnpooledFft2dKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
