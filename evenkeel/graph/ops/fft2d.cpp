// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/fft2d.h"

#include "evenkeel/graph/ops/window.h"

namespace evenkeel {

void require_field_size(const ShapeScope& in, std::int64_t size) {
  constexpr std::int64_t kLargest = 1 << 12;  // far beyond use; its square cannot overflow
  if (size < 2 || size % 2 != 0 || size > kLargest)
    in.fail("an even size from 2 to " + std::to_string(kLargest) + ", not " + std::to_string(size));
}

namespace {

void require_inside(const ShapeScope& in, std::int64_t size, Pair place, Pair extent) {
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (place[axis] < 0 || extent[axis] < 1 || extent[axis] > size ||
        place[axis] > size - extent[axis])
      in.fail("pixels " + to_string(extent) + " that fit into a field of " + std::to_string(size) +
              " from " + to_string(place) + " on");
}

}  // namespace

Pair frequency_at(std::int64_t size, std::int64_t index) {
  const std::int64_t half = size / 2;
  if (index <= half) return {index, 0};
  if (index <= 2 * half + 1) return {index - half - 1, half};
  const std::int64_t rest = index - 2 * (half + 1);
  return {rest % size, 1 + rest / size};
}

// x: [N,H,W,C]
Types Fft2d::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  require_field_size(in, size);
  const Shape& x = in[0].shape;
  require_inside(in, size, place, {x[1], x[2]});
  return {{in[0].dtype, {x[0], frequencies_of(size), 2, x[3]}}};
}

// spectrum: [N,F,2,C]
Types InverseFft2d::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  require_field_size(in, size);
  const Shape& spectrum = in[0].shape;
  if (spectrum[1] != frequencies_of(size) || spectrum[2] != 2)
    in.fail("a spectrum [N," + std::to_string(frequencies_of(size)) + ",2,C] of size " +
            std::to_string(size));
  require_inside(in, size, place, extent);
  return {{in[0].dtype, {spectrum[0], extent[0], extent[1], spectrum[3]}}};
}

}  // namespace evenkeel
