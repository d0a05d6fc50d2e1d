// SPDX-License-Identifier: Apache-2.0
// Spectra back to pixels with bias, ReLU and max-pooling by 2x2 behind: two rows of a map stay in
// the first cache until they are finished, and a map that is pooled never exists.
#include <algorithm>
#include <optional>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/epilogue.h"
#include "evenkeel/kernels/native/fft.h"
#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/native/max_pool2d.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/fused_inverse_fft2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/fft2d-inl.h"
#include "evenkeel/kernels/native/max_pool2d-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// What is done to a vector of channels of every pixel.
struct Finish {
  float scale;
  const float* bias;  // null, or as many as a vector has lanes
  bool relu;
  HWY_INLINE V operator()(V x) const {
    const Lanes d;
    x = hn::Mul(x, hn::Set(d, scale));
    if (bias != nullptr) x = hn::Add(x, hn::Load(d, bias));
    return relu ? rectified(d, x) : x;
  }
};

// Where a row of the result goes; of the next channels or the next image `next` floats on.
struct MapRow {
  float* y;
  uint8_t* argmax;
  size_t channels;
  size_t next;
};

// Rows h and h + 1 of the map, real and imaginary parts of `row`; the second may not exist.
void finish_rows(const Complexes& row, const Field& y, const Finish& finish, const MapRow& to,
                 bool second) {
  for (size_t w = 0; w < y.W; ++w) {
    V re, im;
    row.load(y.left + w, re, im);
    float* at = to.y + w * y.C;
    hwy::Prefetch(at + to.next);
    store_some(finish(re), at, to.channels);
    if (!second) continue;
    at += y.W * y.C;
    hwy::Prefetch(at + to.next);
    store_some(finish(im), at, to.channels);
  }
}

// The windows in two rows of the map.
void pool_rows(const Complexes& row, const Field& y, const Finish& finish, const MapRow& to) {
  const Lanes d;
  const hn::Rebind<int32_t, Lanes> di;
  HWY_ALIGN float values[hn::MaxLanes(Lanes())];
  HWY_ALIGN uint8_t places[hn::MaxLanes(Lanes())];
  for (size_t j = 0; j < y.W; ++j) {
    V s0, s1, s2, s3;
    row.load(y.left + 2 * j, s0, s2);
    row.load(y.left + 2 * j + 1, s1, s3);
    V best = finish(s0);
    auto index = hn::Zero(di);
    take_larger(d, finish(s1), 1, best, index);
    take_larger(d, finish(s2), 2, best, index);
    take_larger(d, finish(s3), 3, best, index);
    float* at = to.y + j * y.C;
    uint8_t* place = to.argmax + j * y.C;
    hwy::Prefetch(at + to.next);
    hwy::Prefetch(place + to.next);
    if (HWY_LIKELY(to.channels >= hn::Lanes(d))) {
      store_window(d, best, index, at, place);
      continue;
    }
    store_window(d, best, index, values, places);
    std::copy_n(values, to.channels, at);
    std::copy_n(places, to.channels, place);
  }
}

// The channels of [F,2,C] -> y: [H,W,C], and if it pools argmax: [H,W,C].
void finished_inverse(const FftTable& t, const FinishedMap& map, const SpectrumPart<const float>& Z,
                      const Finish& finish, const MapRow& to, const FieldScratch& s,
                      const Complexes& pixels) {
  const Field& y = map.y;
  spectrum_to_columns(t, Z, s);
  MapRow row = to;
  const size_t step = map.pools ? 1 : 2;  // rows of y
  for (size_t h = 0; h < y.H; h += step, row.y += step * y.W * y.C) {
    join_rows(s.columns, s.row, y.top + h * 2 / step, t.length);
    fft(Exchanged<Complexes>{s.row}, Exchanged<Complexes>{pixels}, t, s.fft);
    if (!map.pools) {
      finish_rows(pixels, y, finish, row, h + 1 < y.H);
      continue;
    }
    pool_rows(pixels, y, finish, row);
    row.argmax += y.W * y.C;
  }
}

size_t finished_scratch(size_t n) { return fft2d_scratch(n) + (2 * n + 1) * hn::Lanes(Lanes()); }

// Z: [N,F,2,C], bias: [C] or null -> y, argmax: [N,H,W,C], of the channels [begin, end).
void fused_inverse_fft2d_f32(const FftTable& t, const FinishedMap& map, const float* Z,
                             const float* bias, float* values, uint8_t* argmax, size_t N,
                             size_t begin, size_t end, float* scratch) {
  const Field& y = map.y;
  const size_t L = hn::Lanes(Lanes());
  const size_t n = t.length;
  const size_t F = n * n / 2 + 2;
  const FieldScratch s(scratch, n);
  const Complexes pixels = {scratch + fft2d_scratch(n)};
  float* some_bias = scratch + fft2d_scratch(n) + 2 * n * L;
  const Finish finish = {1.0F / static_cast<float>(n * n), bias != nullptr ? some_bias : nullptr,
                         map.relu};
  for (size_t image = 0; image < N; ++image)
    for (size_t c = begin; c < end; c += L) {
      const size_t channels = end - c;
      if (bias != nullptr)
        for (size_t i = 0; i < L; ++i) some_bias[i] = i < channels ? bias[c + i] : 0;
      const Next next = next_of(y, F, c, begin, end);
      const size_t at = image * y.H * y.W * y.C + c;
      finished_inverse(t, map, {Z + image * F * 2 * y.C + c, y.C, channels, next.spectra}, finish,
                       {values + at, argmax + (map.pools ? at : 0), channels, next.pixels}, s,
                       pixels);
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(fused_inverse_fft2d_f32);
HWY_EXPORT(finished_scratch);

// An inverse transform with [bias_add], [relu] or both behind it, then max_pool2d or none.
struct FinishedInverse {
  InverseFft2d fft;
  const MaxPool2d* pool;
  Epilogue epilogue;
};

std::optional<FinishedInverse> finished_inverse_of(const Fused& op) {
  const auto* fft = std::get_if<InverseFft2d>(&op.core);
  if (fft == nullptr || op.epilogue.empty()) return std::nullopt;
  const auto* pool = std::get_if<MaxPool2d>(&op.epilogue.back());
  const std::span steps(op.epilogue);
  const auto epilogue = epilogue_of(steps.first(steps.size() - (pool != nullptr ? 1 : 0)));
  if (!epilogue) return std::nullopt;
  return FinishedInverse{*fft, pool, *epilogue};
}

bool tiles_map(const FinishedInverse& op, const Shape& y) {
  const Shape map = {y[0], op.fft.extent[0], op.fft.extent[1], y[3]};
  return pooling_of(*op.pool, map, y).tiles_2x2;
}

struct FusedInverseFft2dKernel : ChannelKernel {
  using Op = Fused;
  static constexpr std::string_view name = "native/fused/inverse_fft2d";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    const auto op = finished_inverse_of(std::get<Op>(call.op));
    if (!op || !FftTable::supports(op->fft.size)) return false;
    if (op->pool == nullptr) return all_f32(call);
    return all_f32({call.op, call.inputs, {call.outputs[0]}}) &&
           is_dense(call.outputs[1], DType::u8) && tiles_map(*op, call.outputs[0].shape);
  }
  static std::size_t scratch_bytes(const Call& call) {
    const auto op = finished_inverse_of(std::get<Op>(call.op));
    return HWY_DYNAMIC_DISPATCH(finished_scratch)(static_cast<std::size_t>(op->fft.size)) *
           sizeof(float);
  }
  explicit FusedInverseFft2dKernel(const Call& call)
      : FusedInverseFft2dKernel(call, *finished_inverse_of(std::get<Op>(call.op))) {}
  FusedInverseFft2dKernel(const Call& call, const FinishedInverse& op)
      : ChannelKernel(call),
        table(op.fft.size),
        map{field_of(call.outputs[0].shape, op.fft.place), op.epilogue.relu, op.pool != nullptr},
        bias(op.epilogue.bias),
        samples(static_cast<std::size_t>(call.outputs[0].shape[0])) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(fused_inverse_fft2d_f32)
    (table, map, in<float>(args, 0), bias ? in<float>(args, 1) : nullptr, out<float>(args, 0),
     map.pools ? out<std::uint8_t>(args, 1) : nullptr, samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
  FftTable table;
  FinishedMap map;
  bool bias;
  std::size_t samples;
};

}  // namespace

KernelEntry fused_inverse_fft2d() { return entry_of<FusedInverseFft2dKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
