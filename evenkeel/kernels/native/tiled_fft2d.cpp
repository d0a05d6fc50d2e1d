// SPDX-License-Identifier: Apache-2.0
// Transforms of maps by tiles that overlap (graph/ops/tiled_fft2d.h).
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/fft.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/tiled_fft2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/fft2d-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// A tile's part of a map, and where in it that begins.
struct MapTile {
  Field field;
  size_t offset;  // floats
};

MapTile map_tile(const TiledMap& map, size_t i, size_t j) {
  const TiledMap::Part rows = map.part(0, i);
  const TiledMap::Part columns = map.part(1, j);
  return {{rows.count, columns.count, map.C, rows.at, columns.at},
          (rows.first * map.W + columns.first) * map.C};
}

// Behind the channels from c on: the next cache line, or the first channels of the next tile.
HWY_INLINE Next next_in_tiles(const TiledMap& map, size_t F, size_t c, size_t begin, size_t end) {
  constexpr size_t kLine = 64 / sizeof(float);
  if (c + kLine < end) return {kLine, kLine};
  return {static_cast<size_t>(map.tiles.step[1]) * map.C + begin - c, F * 2 * map.C + begin - c};
}

// x: [N,H,W,C] -> Z: [N,T F,2,C], of the channels [begin, end).
void tiled_fft2d_f32(const FftTable& t, const TiledMap& map, const float* x, float* Z, size_t N,
                     size_t begin, size_t end, float* scratch) {
  const size_t n = t.length;
  const size_t F = n * n / 2 + 2;
  const FieldScratch s(scratch, n);
  for (size_t image = 0; image < N; ++image, x += map.H * map.W * map.C)
    for (size_t i = 0; i < map.rows(); ++i)
      for (size_t j = 0; j < map.columns(); ++j, Z += F * 2 * map.C) {
        const MapTile tile = map_tile(map, i, j);
        const Field& field = tile.field;
        clear_rows(s.columns, 0, field.top, n);
        clear_rows(s.columns, HWY_MIN(n, field.top + (field.H + 1) / 2 * 2), n, n);
        for (size_t c = begin; c < end; c += hn::Lanes(Lanes()))
          pixels_to_spectrum(t, field, x + tile.offset + c, map.W * map.C, Z + c, end - c,
                             next_in_tiles(map, F, c, begin, end), s);
      }
}

// The channels of all pixels.
void clear_map(const TiledMap& map, size_t begin, size_t end, float* y) {
  for (size_t pixel = 0; pixel < map.H * map.W; ++pixel, y += map.C)
    for (size_t c = begin; c < end; ++c) y[c] = 0;
}

// Z: [N,T F,2,C] -> y: [N,H,W,C], of the channels [begin, end); tiles are added in their order.
template <bool kAdds>
void tiles_to_map(const FftTable& t, const TiledMap& map, const float* Z, float* y, size_t N,
                  size_t begin, size_t end, float* scratch) {
  const size_t n = t.length;
  const size_t F = n * n / 2 + 2;
  const FieldScratch s(scratch, n);
  for (size_t image = 0; image < N; ++image, y += map.H * map.W * map.C) {
    if (kAdds) clear_map(map, begin, end, y);
    for (size_t i = 0; i < map.rows(); ++i)
      for (size_t j = 0; j < map.columns(); ++j, Z += F * 2 * map.C) {
        const MapTile tile = map_tile(map, i, j);
        for (size_t c = begin; c < end; c += hn::Lanes(Lanes()))
          spectrum_to_pixels<kAdds>(t, tile.field, Z + c, y + tile.offset + c, map.W * map.C,
                                    end - c, next_in_tiles(map, F, c, begin, end), s);
      }
  }
}

void inverse_tiled_fft2d_f32(const FftTable& t, const TiledMap& map, const float* Z, float* y,
                             size_t N, size_t begin, size_t end, float* scratch) {
  if (map.covered_once())
    tiles_to_map<false>(t, map, Z, y, N, begin, end, scratch);
  else
    tiles_to_map<true>(t, map, Z, y, N, begin, end, scratch);
}

size_t tiled_fft2d_scratch(size_t n) { return fft2d_scratch(n); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(tiled_fft2d_f32);
HWY_EXPORT(inverse_tiled_fft2d_f32);
HWY_EXPORT(tiled_fft2d_scratch);

// What both directions have in common.
template <typename OpType>
struct TiledFft2dBase : ChannelKernel {
  using Op = OpType;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return all_f32(call) && FftTable::supports(std::get<Op>(call.op).size);
  }
  static std::size_t scratch_bytes(const Call& call) {
    const auto size = static_cast<std::size_t>(std::get<Op>(call.op).size);
    return HWY_DYNAMIC_DISPATCH(tiled_fft2d_scratch)(size) * sizeof(float);
  }
  TiledFft2dBase(const Call& call, const Shape& pixels)
      : ChannelKernel(call),
        table(std::get<Op>(call.op).size),
        map{std::get<Op>(call.op).layout(), static_cast<std::size_t>(pixels[1]),
            static_cast<std::size_t>(pixels[2]), static_cast<std::size_t>(pixels[3])},
        samples(static_cast<std::size_t>(pixels[0])) {}
  FftTable table;
  TiledMap map;
  std::size_t samples;
};

struct TiledFft2dKernel : TiledFft2dBase<TiledFft2d> {
  static constexpr std::string_view name = "native/tiled_fft2d";
  explicit TiledFft2dKernel(const Call& call) : TiledFft2dBase(call, call.inputs[0].shape) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(tiled_fft2d_f32)
    (table, map, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

struct InverseTiledFft2dKernel : TiledFft2dBase<InverseTiledFft2d> {
  static constexpr std::string_view name = "native/inverse_tiled_fft2d";
  explicit InverseTiledFft2dKernel(const Call& call)
      : TiledFft2dBase(call, call.outputs[0].shape) {}
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(inverse_tiled_fft2d_f32)
    (table, map, in<float>(args, 0), out<float>(args, 0), samples, c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

}  // namespace

KernelEntry tiled_fft2d() { return entry_of<TiledFft2dKernel>(); }
KernelEntry inverse_tiled_fft2d() { return entry_of<InverseTiledFft2dKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
