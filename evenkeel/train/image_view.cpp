// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/image_view.h"

#include <cstring>
#include <limits>
#include <optional>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

// a * b + c, or nothing where it passes 2^63 - 1.
std::optional<std::int64_t> multiply_add(std::int64_t a, std::int64_t b, std::int64_t c) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result) || __builtin_add_overflow(result, c, &result))
    return std::nullopt;
  return result;
}

bool dense(const ImageLayout& layout) {
  return layout.image_stride == 0 && layout.row_stride == 0 && layout.pixel_stride == 0;
}

// How many elements reach to the end of the last pixel; empty where that passes 2^63 - 1.
std::optional<std::int64_t> extent(const ImageLayout& layout, const Shape& shape) {
  auto end = multiply_add(shape[1] - 1, layout.pixel_stride, shape[2]);
  if (end) end = multiply_add(shape[0] - 1, layout.row_stride, *end);
  if (end) end = multiply_add(layout.count - 1, layout.image_stride, *end);
  return end;
}

std::int64_t count_of(const ImageView& images, const Shape& shape, const std::string& where) {
  if (images.layout().count > 0) return images.layout().count;
  if (!dense(images.layout()))
    throw InvalidArgument(where, "expected the number of images beside strides, got count 0");
  const auto size = static_cast<std::int64_t>(images.size());
  if (size == 0 || size % shape.elements() != 0)
    throw InvalidArgument(where, "expected a whole number of images " + to_string(shape) + " of " +
                                     std::to_string(shape.elements()) + " values each, got " +
                                     std::to_string(size) + " values");
  return size / shape.elements();
}

}  // namespace

ImageLayout filled_layout(const ImageView& images, const Shape& shape, const std::string& where) {
  ImageLayout layout = images.layout();
  if (layout.count < 0 || layout.image_stride < 0 || layout.row_stride < 0 ||
      layout.pixel_stride < 0)
    throw InvalidArgument(where, "expected a count and strides of at least 0");
  layout.count = count_of(images, shape, where);
  if (layout.pixel_stride == 0) layout.pixel_stride = shape[2];
  if (layout.pixel_stride < shape[2])
    throw InvalidArgument(where, "expected a pixel_stride of at least " + std::to_string(shape[2]) +
                                     ", the channels of a pixel, got " +
                                     std::to_string(layout.pixel_stride));
  bool too_large = false;
  const auto no_gap = [&](std::int64_t number, std::int64_t stride) {
    const auto product = multiply_add(number, stride, 0);
    too_large = too_large || !product;
    return product.value_or(0);
  };
  if (layout.row_stride == 0) layout.row_stride = no_gap(shape[1], layout.pixel_stride);
  // One image needs no stride to the next.
  if (layout.image_stride == 0 && layout.count > 1)
    layout.image_stride = no_gap(shape[0], layout.row_stride);

  constexpr std::int64_t kBeyond = std::numeric_limits<std::int64_t>::max();
  const std::int64_t needed = too_large ? kBeyond : extent(layout, shape).value_or(kBeyond);
  if (static_cast<std::uint64_t>(needed) <= images.size()) return layout;
  throw InvalidArgument(where,
                        "expected " + std::to_string(layout.count) + " images " + to_string(shape) +
                            " within the " + std::to_string(images.size()) +
                            " values given; with these strides they reach to value " +
                            (needed == kBeyond ? "2^63 and beyond" : std::to_string(needed)));
}

void copy_images(const ImageView& images, const ImageLayout& layout, const Shape& shape,
                 std::int64_t begin, std::int64_t count, std::byte* to) {
  const auto size = static_cast<std::int64_t>(size_of(images.dtype()));
  const std::int64_t pixel = shape[2] * size;
  const bool whole_rows = layout.pixel_stride == shape[2];
  for (std::int64_t n = begin; n < begin + count; ++n) {
    for (std::int64_t y = 0; y < shape[0]; ++y) {
      const std::byte* row =
          images.data() + (n * layout.image_stride + y * layout.row_stride) * size;
      const std::int64_t runs = whole_rows ? 1 : shape[1];
      const std::int64_t run = whole_rows ? shape[1] * pixel : pixel;
      for (std::int64_t x = 0; x < runs; ++x, to += run)
        std::memcpy(to, row + x * layout.pixel_stride * size, static_cast<std::size_t>(run));
    }
  }
}

}  // namespace evenkeel
