// SPDX-License-Identifier: Apache-2.0
// Max-pooling, which remembers where each maximum was.
#pragma once

#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// A byte, where it tells the places of a window apart.
inline DType argmax_dtype(Pair window) {
  return window[0] * window[1] <= 256 ? DType::u8 : DType::i32;
}

// x: [N,H,W,C] -> y: [N,P,Q,C], argmax: u8[N,P,Q,C] = r*S + s of the first maximum in its window
// (padding never wins; each window must meet the image); i32 where R*S > 256. NaN wins.
struct MaxPool2d {
  static constexpr std::string_view name = "max_pool2d";
  Pair window = {2, 2};
  Pair stride = {2, 2};
  Padding4 padding = {0, 0, 0, 0};
  static constexpr auto fields =
      std::tuple{field("window", &MaxPool2d::window), field("stride", &MaxPool2d::stride),
                 field("padding", &MaxPool2d::padding)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const MaxPool2d&, const MaxPool2d&) = default;
};

// dx: [N,H,W,C] from (dy, argmax): each dy goes to its window's maximum. `size` = {H, W}.
struct MaxPool2dGrad {
  static constexpr std::string_view name = "max_pool2d_grad";
  Pair window = {2, 2};
  Pair stride = {2, 2};
  Padding4 padding = {0, 0, 0, 0};
  Pair size = {0, 0};
  static constexpr auto fields =
      std::tuple{field("window", &MaxPool2dGrad::window), field("stride", &MaxPool2dGrad::stride),
                 field("padding", &MaxPool2dGrad::padding), field("size", &MaxPool2dGrad::size)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const MaxPool2dGrad&, const MaxPool2dGrad&) = default;
};

}  // namespace evenkeel
