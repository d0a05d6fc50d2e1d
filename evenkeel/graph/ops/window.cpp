// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/window.h"

#include <algorithm>

namespace evenkeel {
namespace {

// Far above any real size and low enough that no sum of such numbers overflows.
constexpr std::int64_t kLargest = std::int64_t{1} << 40;

bool within(const auto& values, std::int64_t least) {
  return std::all_of(values.begin(), values.end(),
                     [&](std::int64_t value) { return value >= least && value <= kLargest; });
}

}  // namespace

Pair window_positions(const ShapeScope& in, Pair size, Pair window, Pair stride, Padding4 padding) {
  if (!within(stride, 1)) in.fail("a stride of at least 1, not " + to_string(stride));
  if (!within(window, 1)) in.fail("a window of at least 1x1, not " + to_string(window));
  if (!within(size, 1)) in.fail("an image of at least 1x1, not " + to_string(size));
  if (!within(padding, 0))
    in.fail("padding of at least 0, not " + to_string(Pair{padding[0], padding[1]}) +
            to_string(Pair{padding[2], padding[3]}));
  Pair positions;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t padded = size[axis] + padding[2 * axis] + padding[2 * axis + 1];
    if (padded < window[axis])
      in.fail("an image that with its padding is no smaller than the window " + to_string(window));
    positions[axis] = (padded - window[axis]) / stride[axis] + 1;
  }
  return positions;
}

Pair dilated(const ShapeScope& in, Pair kernel, Pair dilation) {
  Pair window;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    // The kernel itself is looked at by window_positions.
    const std::int64_t steps = std::clamp<std::int64_t>(kernel[axis] - 1, 0, kLargest);
    if (dilation[axis] < 1 || dilation[axis] > kLargest / (steps + 1))
      in.fail("a dilation of at least 1, not " + to_string(dilation));
    window[axis] = kernel[axis] < 1 ? kernel[axis] : steps * dilation[axis] + 1;
  }
  return window;
}

Pair pool_positions(const ShapeScope& in, Pair size, Pair window, Pair stride, Padding4 padding) {
  const Pair positions = window_positions(in, size, window, stride, padding);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t before = padding[2 * axis];
    const std::int64_t last = (positions[axis] - 1) * stride[axis] - before;
    if (before >= window[axis] || last >= size[axis])
      in.fail("each window " + to_string(window) + " to meet the image, not only its padding");
  }
  return positions;
}

void require_positions(const ShapeScope& in, const ValueType& dy, Pair positions) {
  if (dy.shape[1] != positions[0] || dy.shape[2] != positions[1])
    in.fail("an output gradient with P, Q = " + to_string(positions));
}

std::string to_string(const Pair& pair) {
  return "[" + std::to_string(pair[0]) + "," + std::to_string(pair[1]) + "]";
}

}  // namespace evenkeel
