// SPDX-License-Identifier: Apache-2.0
// Images as they lie in a caller's memory: one after the other, or parts of larger frames.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "evenkeel/base/dtype.h"
#include "evenkeel/base/export.h"
#include "evenkeel/base/shape.h"

namespace evenkeel {

// Channel c of pixel (y, x) of image n is element
// n * image_stride + y * row_stride + x * pixel_stride + c of the data. 0 stands for no gap: a
// pixel_stride of C, a row_stride of W * pixel_stride, an image_stride of H * row_stride.
struct ImageLayout {
  std::int64_t count = 0;  // images; 0: as many as the data hold, if nothing lies between them
  std::int64_t image_stride = 0;
  std::int64_t row_stride = 0;
  std::int64_t pixel_stride = 0;
};

// Pixel values from 0 to 255, as bytes or as floats, which need not be whole numbers. Refers to the
// caller's memory. A 28x28 part of a grey camera frame that is 640 wide:
//   ImageView(frame.subspan(y * 640 + x), {.count = 1, .row_stride = 640})
class ImageView {
 public:
  template <std::convertible_to<std::span<const std::uint8_t>> Pixels>
  ImageView(const Pixels& pixels, const ImageLayout& layout = {})
      : ImageView(std::span<const std::uint8_t>(pixels), DType::u8, layout) {}
  template <std::convertible_to<std::span<const float>> Pixels>
  ImageView(const Pixels& pixels, const ImageLayout& layout = {})
      : ImageView(std::span<const float>(pixels), DType::f32, layout) {}

  DType dtype() const { return dtype_; }  // u8 or f32
  const ImageLayout& layout() const { return layout_; }
  std::size_t size() const { return size_; }  // elements
  const std::byte* data() const { return data_; }

 private:
  template <typename T>
  ImageView(std::span<const T> pixels, DType dtype, const ImageLayout& layout)
      : dtype_(dtype),
        data_(reinterpret_cast<const std::byte*>(pixels.data())),
        size_(pixels.size()),
        layout_(layout) {}

  DType dtype_;
  const std::byte* data_;
  std::size_t size_;
  ImageLayout layout_;
};

// The layout with nothing left at 0, for images of shape [H,W,C]. InvalidArgument at `where` for
// strides below 0, pixels that overlap, no image at all, or images that reach behind the data.
ImageLayout filled_layout(const ImageView& images, const Shape& shape, const std::string& where);

// Copies images [begin, begin + count) densely; `layout` as filled_layout gives it.
void copy_images(const ImageView& images, const ImageLayout& layout, const Shape& shape,
                 std::int64_t begin, std::int64_t count, std::byte* to);

}  // namespace evenkeel
