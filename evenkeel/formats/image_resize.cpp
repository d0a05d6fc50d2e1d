// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/image_resize.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

// The old pixels from `first` on that make one new pixel, with weights whose sum is 1.
struct Taps {
  std::size_t first = 0;
  std::vector<float> weights;
};

Taps mean_of(double begin, double end, std::size_t extent) {
  Taps taps;
  taps.first = static_cast<std::size_t>(begin);
  const auto last = std::min(static_cast<std::size_t>(std::ceil(end)), extent);
  for (std::size_t i = taps.first; i < last; ++i) {
    const double left = std::max(begin, static_cast<double>(i));
    const double right = std::min(end, static_cast<double>(i + 1));
    taps.weights.push_back(static_cast<float>(std::max(0.0, right - left) / (end - begin)));
  }
  return taps;
}

Taps between(double position, std::size_t extent) {
  const double inside = std::clamp(position, 0.0, static_cast<double>(extent - 1));
  const auto first = std::min(static_cast<std::size_t>(inside), extent - 1);
  if (first + 1 == extent) return {first, {1}};
  const auto right = static_cast<float>(inside - static_cast<double>(first));
  return {first, {1 - right, right}};
}

std::vector<Taps> taps_of(std::size_t from, std::size_t to) {
  const double step = static_cast<double>(from) / static_cast<double>(to);
  std::vector<Taps> taps(to);
  for (std::size_t i = 0; i < to; ++i) {
    const auto at = static_cast<double>(i);
    taps[i] = to <= from ? mean_of(at * step, (at + 1) * step, from)
                         : between((at + 0.5) * step - 0.5, from);
  }
  return taps;
}

struct Extents {
  std::size_t H, W, C;
};

// row: [W,C] -> result: [taps,C].
void resize_row(const std::uint8_t* row, std::size_t C, const std::vector<Taps>& taps,
                float* result) {
  for (const Taps& tap : taps)
    for (std::size_t c = 0; c < C; ++c) {
      float sum = 0;
      for (std::size_t i = 0; i < tap.weights.size(); ++i)
        sum += tap.weights[i] * static_cast<float>(row[(tap.first + i) * C + c]);
      *result++ = sum;
    }
}

std::uint8_t rounded(float value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
}

// Old rows are made narrow one by one and added to the new rows that they are part of.
std::vector<std::uint8_t> resize(const std::uint8_t* pixels, const Extents& from,
                                 const Extents& to) {
  const std::vector<Taps> across = taps_of(from.W, to.W);
  const std::vector<Taps> down = taps_of(from.H, to.H);
  const std::size_t length = to.W * to.C;
  std::vector<float> row(length);
  std::vector<float> sum(length);
  std::vector<std::uint8_t> result(to.H * length);
  for (std::size_t y = 0; y < to.H; ++y) {
    std::fill(sum.begin(), sum.end(), 0.0F);
    for (std::size_t i = 0; i < down[y].weights.size(); ++i) {
      resize_row(pixels + (down[y].first + i) * from.W * from.C, from.C, across, row.data());
      for (std::size_t x = 0; x < length; ++x) sum[x] += down[y].weights[i] * row[x];
    }
    std::transform(sum.begin(), sum.end(), result.begin() + static_cast<std::ptrdiff_t>(y * length),
                   rounded);
  }
  return result;
}

}  // namespace

Image resized(const Image& image, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1 || height > kMostPixels / width)
    throw InvalidArgument("resize", "expected a size of 1x1 to " +
                                        std::to_string(kMostPixels >> 20) +
                                        " million pixels, got " + std::to_string(width) + "x" +
                                        std::to_string(height));
  if (height == image.height && width == image.width) return image;
  const auto extents = [&](std::int64_t H, std::int64_t W) {
    return Extents{static_cast<std::size_t>(H), static_cast<std::size_t>(W),
                   static_cast<std::size_t>(image.channels)};
  };
  return {height, width, image.channels,
          resize(image.pixels.data(), extents(image.height, image.width), extents(height, width))};
}

Image to_grey(const Image& image) {
  if (image.channels == 1) return image;
  Image grey{image.height, image.width, 1, std::vector<std::uint8_t>(image.pixels.size() / 3)};
  const std::uint8_t* p = image.pixels.data();
  for (std::uint8_t& value : grey.pixels) {
    // Weights in 1/65536, which add up to 1: equal channels give their value.
    value =
        static_cast<std::uint8_t>((19595U * p[0] + 38470U * p[1] + 7471U * p[2] + 32768U) >> 16);
    p += 3;
  }
  return grey;
}

Image to_colour(const Image& image) {
  if (image.channels == 3) return image;
  Image colour{image.height, image.width, 3, {}};
  colour.pixels.reserve(3 * image.pixels.size());
  for (const std::uint8_t value : image.pixels) colour.pixels.insert(colour.pixels.end(), 3, value);
  return colour;
}

bool is_grey(const Image& image) {
  if (image.channels == 1) return true;
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3)
    if (image.pixels[i] != image.pixels[i + 1] || image.pixels[i] != image.pixels[i + 2])
      return false;
  return true;
}

Image inverted(const Image& image) {
  Image result = image;
  for (std::uint8_t& value : result.pixels) value = static_cast<std::uint8_t>(255 - value);
  return result;
}

double brightness(const Image& image) {
  if (image.pixels.empty()) return 0;
  const auto sum = std::accumulate(image.pixels.begin(), image.pixels.end(), std::uint64_t{0});
  return static_cast<double>(sum) / static_cast<double>(image.pixels.size());
}

}  // namespace evenkeel
