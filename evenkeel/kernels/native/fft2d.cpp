// SPDX-License-Identifier: Apache-2.0
// Images and their spectra.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/fft.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/fft2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/fft2d-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// x: [N,H,W,C] -> Z: [N,F,2,C], of the channels [begin, end).
void fft2d_f32(const FftTable& t, const Field& x, const float* pixels, float* Z, size_t N,
               size_t begin, size_t end, float* scratch) {
  const FieldScratch s(scratch, t.length);
  const Lanes d;
  const size_t F = t.length * t.length / 2 + 2;
  // Rows without pixels are zeros in every image.
  for (size_t i = 0; i < t.length * t.length; ++i)
    hn::Store(hn::Zero(d), d, scratch + i * hn::Lanes(d));
  for (size_t n = 0; n < N; ++n)
    for (size_t c = begin; c < end; c += hn::Lanes(d))
      pixels_to_spectrum(t, x, pixels + n * x.H * x.W * x.C + c, x.W * x.C, Z + n * F * 2 * x.C + c,
                         end - c, next_of(x, F, c, begin, end), s);
}

// Z: [N,F,2,C] -> y: [N,P,Q,C], of the channels [begin, end).
void inverse_fft2d_f32(const FftTable& t, const Field& y, const float* Z, float* pixels, size_t N,
                       size_t begin, size_t end, float* scratch) {
  const FieldScratch s(scratch, t.length);
  const size_t F = t.length * t.length / 2 + 2;
  for (size_t n = 0; n < N; ++n)
    for (size_t c = begin; c < end; c += hn::Lanes(Lanes()))
      spectrum_to_pixels<false>(t, y, Z + n * F * 2 * y.C + c, pixels + n * y.H * y.W * y.C + c,
                                y.W * y.C, end - c, next_of(y, F, c, begin, end), s);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(fft2d_f32);
HWY_EXPORT(inverse_fft2d_f32);
HWY_EXPORT(fft2d_scratch);

std::size_t scratch_of(std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(fft2d_scratch)(static_cast<std::size_t>(n)) * sizeof(float);
}

// What both directions have in common; the last axis of both operands is the channels.
template <typename OpType>
struct Fft2dBase : ChannelKernel {
  using Op = OpType;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return all_f32(call) && FftTable::supports(std::get<Op>(call.op).size);
  }
  static std::size_t scratch_bytes(const Call& call) {
    return scratch_of(std::get<Op>(call.op).size);
  }
  Fft2dBase(const Call& call, const ValueType& pixels)
      : ChannelKernel(call),
        table(std::get<Op>(call.op).size),
        field(field_of(pixels.shape, std::get<Op>(call.op).place)),
        samples(static_cast<std::size_t>(pixels.shape[0])) {}
  FftTable table;
  Field field;
  std::size_t samples;
};

struct Fft2dKernel : Fft2dBase<Fft2d> {
  static constexpr std::string_view name = "native/fft2d";
  explicit Fft2dKernel(const Call& call) : Fft2dBase(call, call.inputs[0]) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(fft2d_f32)
    (table, field, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

struct InverseFft2dKernel : Fft2dBase<InverseFft2d> {
  static constexpr std::string_view name = "native/inverse_fft2d";
  explicit InverseFft2dKernel(const Call& call) : Fft2dBase(call, call.outputs[0]) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(inverse_fft2d_f32)
    (table, field, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

}  // namespace

KernelEntry fft2d() { return entry_of<Fft2dKernel>(); }
KernelEntry inverse_fft2d() { return entry_of<InverseFft2dKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
