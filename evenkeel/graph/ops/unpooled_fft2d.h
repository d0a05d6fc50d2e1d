// SPDX-License-Identifier: Apache-2.0
// The spectrum of a pooled map's gradient, without the map.
#pragma once

#include "evenkeel/graph/ops/fft2d.h"
#include "evenkeel/graph/ops/max_pool2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// (dy: [N,I,J,C], argmax: [N,I,J,C] of a pooling of [N,P,Q,C]) -> [N,F,2,C]
//   = fft()(unpool()(dy, argmax)).
struct UnpooledFft2d {
  static constexpr std::string_view name = "unpooled_fft2d";
  std::int64_t size = 16;
  Pair place = {0, 0};
  Pair window = {2, 2};
  Pair window_stride = {2, 2};
  Padding4 window_padding = {0, 0, 0, 0};
  Pair map = {0, 0};  // {P, Q}
  static constexpr auto fields = std::tuple{field("size", &UnpooledFft2d::size),
                                            field("place", &UnpooledFft2d::place),
                                            field("window", &UnpooledFft2d::window),
                                            field("window_stride", &UnpooledFft2d::window_stride),
                                            field("window_padding", &UnpooledFft2d::window_padding),
                                            field("map", &UnpooledFft2d::map)};
  Fft2d fft() const { return {size, place}; }
  MaxPool2dGrad unpool() const { return {window, window_stride, window_padding, map}; }
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const UnpooledFft2d&, const UnpooledFft2d&) = default;
};

}  // namespace evenkeel
