// SPDX-License-Identifier: Apache-2.0
// Transforms of tiles straight from tiled_fft2d.h's sums.
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"
#include "evenkeel/kernels/reference/spectrum_sums.h"

namespace evenkeel::reference {
namespace {

struct TiledFft2dKernel : FloatKernel {
  using Op = TiledFft2d;
  static constexpr std::string_view name = "reference/tiled_fft2d";
  static constexpr auto in_place = kNeverInPlace;

  // One frequency of one channel of one tile. image: [H,W,C] at the channel
  template <typename T>
  static FrequencySum sum(const Operands<Op>& o, const Circle& circle, std::int64_t tile,
                          std::int64_t f, const T* image) {
    const Shape& x = o.in_shape(0);
    const std::int64_t top = tile / o.op.tiles[1] * o.op.step[0] - o.op.place[0];
    const std::int64_t left = tile % o.op.tiles[1] * o.op.step[1] - o.op.place[1];
    FrequencySum result(circle, frequency_at(o.op.size, f));
    for (std::int64_t h = 0; h < o.op.extent[0]; ++h)
      for (std::int64_t w = 0; w < o.op.extent[1]; ++w) {
        const std::int64_t p = h + top;
        const std::int64_t q = w + left;
        if (p < 0 || p >= x[1] || q < 0 || q >= x[2]) continue;
        result.add(static_cast<double>(image[(p * x[2] + q) * x[3]]), h, w);
      }
    return result;
  }

  // x: [N,H,W,C] -> [N,T F,2,C]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& x = o.in_shape(0);
    const std::int64_t F = frequencies_of(o.op.size);
    const Circle circle(o.op.size);
    T* to = o.out<T>(0);
    for (std::int64_t n = 0; n < x[0]; ++n)
      for (std::int64_t tile = 0; tile < o.op.layout().count(); ++tile)
        for (std::int64_t f = 0; f < F; ++f, to += 2 * x[3])
          for (std::int64_t c = 0; c < x[3]; ++c) {
            const T* image = o.in<T>(0) + n * x.elements_per_sample() + c;
            const FrequencySum result = sum(o, circle, tile, f, image);
            to[c] = static_cast<T>(result.re);
            to[x[3] + c] = static_cast<T>(result.im);
          }
  }
};

struct InverseTiledFft2dKernel : FloatKernel {
  using Op = InverseTiledFft2d;
  static constexpr std::string_view name = "reference/inverse_tiled_fft2d";
  static constexpr auto in_place = kNeverInPlace;

  // What all tiles have at {h, w} of the map. Z: [T F,2,C] at one channel
  template <typename T>
  static double sum(const Operands<Op>& o, const Circle& circle, const T* Z, std::int64_t h,
                    std::int64_t w) {
    const std::int64_t C = o.in_shape(0)[3];
    double result = 0;
    for (std::int64_t i = 0; i < o.op.tiles[0]; ++i)
      for (std::int64_t j = 0; j < o.op.tiles[1]; ++j, Z += frequencies_of(o.op.size) * 2 * C) {
        const std::int64_t p = h + o.op.place[0] - i * o.op.step[0];
        const std::int64_t q = w + o.op.place[1] - j * o.op.step[1];
        if (p < 0 || p >= o.op.extent[0] || q < 0 || q >= o.op.extent[1]) continue;
        result += pixel_of(circle, o.op.size, Z, C, p, q);
      }
    return result;
  }

  // Z: [N,T F,2,C] -> y: [N,H,W,C]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& y = o.out_shape(0);
    const Circle circle(o.op.size);
    T* to = o.out<T>(0);
    for (std::int64_t n = 0; n < y[0]; ++n)
      for (std::int64_t h = 0; h < y[1]; ++h)
        for (std::int64_t w = 0; w < y[2]; ++w)
          for (std::int64_t c = 0; c < y[3]; ++c) {
            const T* Z = o.in<T>(0) + n * o.in_shape(0).elements_per_sample() + c;
            *to++ = static_cast<T>(sum(o, circle, Z, h, w));
          }
  }
};

}  // namespace

KernelEntry tiled_fft2d() { return entry_of<TiledFft2dKernel>(); }
KernelEntry inverse_tiled_fft2d() { return entry_of<InverseTiledFft2dKernel>(); }

}  // namespace evenkeel::reference
