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

void require_positions(const ShapeScope& in, const ValueType& dy, Pair positions) {
  if (dy.shape[1] != positions[0] || dy.shape[2] != positions[1])
    in.fail("an output gradient with P, Q = " + to_string(positions));
}

std::string to_string(const Pair& pair) {
  return "[" + std::to_string(pair[0]) + "," + std::to_string(pair[1]) + "]";
}

}  // namespace evenkeel
