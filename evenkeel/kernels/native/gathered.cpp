// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/gathered.h"

#include <algorithm>
#include <numeric>

namespace evenkeel::native {
namespace {

constexpr std::int32_t kOutside = -1;

// Pixels of a result that have their taps in common.
struct GatheredPixels {
  std::vector<std::int32_t> taps;
  std::vector<std::int32_t> to;
  std::vector<std::int32_t> from;  // [pixels][taps]

  const std::int32_t* of(std::size_t pixel) const { return from.data() + pixel * taps.size(); }
};

// Those whose taps miss the image alike side by side, so that blocks leave out whole taps.
std::vector<std::size_t> order_by_taps(const GatheredPixels& pixels) {
  std::vector<std::size_t> order(pixels.to.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare(
        pixels.of(a), pixels.of(a) + pixels.taps.size(), pixels.of(b),
        pixels.of(b) + pixels.taps.size(),
        [](std::int32_t x, std::int32_t y) { return (x < 0) < (y < 0); });
  });
  return order;
}

void add_block(const GatheredPixels& pixels, const std::vector<std::size_t>& order,
               std::size_t begin, std::size_t end, Gathered& result) {
  GatheredBlock block = {result.taps.size(), 0, end - begin, {}};
  for (std::size_t i = begin; i < end; ++i) block.to[i - begin] = pixels.to[order[i]];
  for (std::size_t t = 0; t < pixels.taps.size(); ++t) {
    GatheredTap tap = {pixels.taps[t], {}};
    std::fill_n(tap.from, kGatheredRows, kOutside);
    bool any = false;
    for (std::size_t i = begin; i < end; ++i) {
      tap.from[i - begin] = pixels.of(order[i])[t];
      any = any || tap.from[i - begin] != kOutside;
    }
    if (any) result.taps.push_back(tap);
  }
  block.taps = result.taps.size() - block.first;
  result.blocks.push_back(block);
}

// Blocks of nearly equal size: one of a pixel or two would wait for its own sums.
void add_pixels(const GatheredPixels& pixels, Gathered& result) {
  const std::vector<std::size_t> order = order_by_taps(pixels);
  const std::size_t count = order.size();
  const std::size_t blocks = (count + kGatheredRows - 1) / kGatheredRows;
  for (std::size_t b = 0; b < blocks; ++b)
    add_block(pixels, order, count * b / blocks, count * (b + 1) / blocks, result);
}

std::int32_t offset(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns,
                    std::int64_t channels) {
  if (row < 0 || row >= rows || column < 0 || column >= columns) return kOutside;
  return static_cast<std::int32_t>((row * columns + column) * channels);
}

std::int32_t pixel_of_x(const DirectConv2d& z, std::int64_t p, std::int64_t q, std::int64_t tap) {
  return offset(p * z.stride[0] - z.padding[0] + tap / z.S * z.dilation[0],
                q * z.stride[1] - z.padding[2] + tap % z.S * z.dilation[1], z.H, z.W, z.C);
}

// dx's pixels (a + i stride, b + j stride).
GatheredPixels pixels_of_parity(const DirectConv2d& z, std::int64_t a, std::int64_t b) {
  const auto row = [&](std::int64_t h, std::int64_t tap) {
    return h + z.padding[0] - tap / z.S * z.dilation[0];
  };
  const auto column = [&](std::int64_t w, std::int64_t tap) {
    return w + z.padding[2] - tap % z.S * z.dilation[1];
  };
  GatheredPixels result;
  for (std::int64_t tap = 0; tap < z.taps(); ++tap)
    if (row(a, tap) % z.stride[0] == 0 && column(b, tap) % z.stride[1] == 0)
      result.taps.push_back(static_cast<std::int32_t>(tap));
  for (std::int64_t h = a; h < z.H; h += z.stride[0])
    for (std::int64_t w = b; w < z.W; w += z.stride[1]) {
      result.to.push_back(offset(h, w, z.H, z.W, z.C));
      for (const std::int32_t tap : result.taps)
        result.from.push_back(
            offset(row(h, tap) / z.stride[0], column(w, tap) / z.stride[1], z.P, z.Q, z.K));
    }
  return result;
}

}  // namespace

Gathered gathered_forward(const DirectConv2d& z) {
  GatheredPixels pixels;
  pixels.taps.resize(static_cast<std::size_t>(z.taps()));
  std::iota(pixels.taps.begin(), pixels.taps.end(), 0);
  for (std::int64_t p = 0; p < z.P; ++p)
    for (std::int64_t q = 0; q < z.Q; ++q) {
      pixels.to.push_back(offset(p, q, z.P, z.Q, z.K));
      for (const std::int32_t tap : pixels.taps) pixels.from.push_back(pixel_of_x(z, p, q, tap));
    }
  Gathered result;
  add_pixels(pixels, result);
  return result;
}

Gathered gathered_data(const DirectConv2d& z) {
  Gathered result;
  for (std::int64_t a = 0; a < z.stride[0]; ++a)
    for (std::int64_t b = 0; b < z.stride[1]; ++b) add_pixels(pixels_of_parity(z, a, b), result);
  return result;
}

PairedPixels paired_pixels(const DirectConv2d& z) {
  const std::int64_t all = z.P * z.Q;
  PairedPixels result;
  result.images = static_cast<std::size_t>(std::clamp<std::int64_t>(kChunkPixels / all, 1, z.N));
  for (std::int64_t begin = 0; begin < all; begin += kChunkPixels) {
    const std::int64_t end = std::min(begin + kChunkPixels, all);
    result.chunks.push_back({static_cast<std::size_t>(begin), static_cast<std::size_t>(end)});
    for (std::int64_t tap = 0; tap < z.taps(); ++tap) {
      const std::size_t first = result.pairs.size();
      for (std::size_t image = 0; image < result.images; ++image)
        for (std::int64_t i = begin; i < end; ++i) {
          const std::int32_t x = pixel_of_x(z, i / z.Q, i % z.Q, tap);
          if (x == kOutside) continue;
          const auto n = static_cast<std::int64_t>(image);
          result.pairs.push_back({static_cast<std::int32_t>(n * z.H * z.W * z.C) + x,
                                  static_cast<std::int32_t>(n * (end - begin) + i - begin)});
        }
      result.taps.push_back({first, (result.pairs.size() - first) / result.images});
    }
  }
  return result;
}

}  // namespace evenkeel::native
