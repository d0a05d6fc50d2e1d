// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers/window.h"

#include <algorithm>

namespace evenkeel::layers {
namespace {

// TensorFlow's "same": output = ceil(size / stride), what is odd goes behind.
std::pair<std::int64_t, std::int64_t> same_padding(std::int64_t size, std::int64_t window,
                                                   std::int64_t stride) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  const std::int64_t total = std::max<std::int64_t>(0, (outputs - 1) * stride + window - size);
  return {total / 2, total - total / 2};
}

std::string text_of(const Pair& pair) {
  return std::to_string(pair[0]) + "x" + std::to_string(pair[1]);
}

bool positive(const Pair& pair) { return pair[0] > 0 && pair[1] > 0; }

}  // namespace

Padding4 padding_for(const ImagePadding& padding, const Shape& x, Pair window, Pair stride) {
  if (padding.sides) return *padding.sides;
  if (padding.rule == Padding::valid || !positive(stride)) return {0, 0, 0, 0};
  const auto [top, bottom] = same_padding(x[1], window[0], stride[0]);
  const auto [left, right] = same_padding(x[2], window[1], stride[1]);
  return {top, bottom, left, right};
}

void require_image(const Scope& scope, Value x, const std::string& what) {
  const Shape& shape = scope.shape(x);
  scope.require(shape.rank() == 4, "expected images [N,H,W,C], got " + to_string(shape) + ": " +
                                       what + " goes before flatten()");
}

void require_window(const Scope& scope, const Shape& x, Pair window, Pair stride,
                    Padding4 padding) {
  scope.require(positive(window), "expected a window of at least 1x1, got " + text_of(window));
  scope.require(positive(stride), "expected a stride of at least 1, got " + text_of(stride));
  scope.require(std::all_of(padding.begin(), padding.end(), [](auto side) { return side >= 0; }),
                "expected padding of at least 0 on each side");
  const Pair room = {x[1] + padding[0] + padding[1], x[2] + padding[2] + padding[3]};
  scope.require(window[0] <= room[0] && window[1] <= room[1],
                "expected an image of at least " + text_of(window) + ", its window, got " +
                    to_string(x) + "; a window of at most " + text_of(room) +
                    ", more padding or less pooling before it would fit");
}

}  // namespace evenkeel::layers
