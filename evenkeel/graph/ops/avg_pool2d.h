// SPDX-License-Identifier: Apache-2.0
// Average pooling; with a window of 1x1 and a stride it picks every s-th pixel.
#pragma once

#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// x: [N,H,W,C] -> y: [N,P,Q,C], the mean of each window. The padding does not count (TensorFlow),
// or counts as zeros (count_padding: PyTorch's default). Each window must meet the image.
struct AvgPool2d {
  static constexpr std::string_view name = "avg_pool2d";
  Pair window = {2, 2};
  Pair stride = {2, 2};
  Padding4 padding = {0, 0, 0, 0};
  bool count_padding = false;
  static constexpr auto fields =
      std::tuple{field("window", &AvgPool2d::window), field("stride", &AvgPool2d::stride),
                 field("padding", &AvgPool2d::padding),
                 rare_field("count_padding", &AvgPool2d::count_padding)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const AvgPool2d&, const AvgPool2d&) = default;
};

// dx: [N,H,W,C] from dy: [N,P,Q,C]: each dy shared out over its window. `size` = {H, W}.
struct AvgPool2dGrad {
  static constexpr std::string_view name = "avg_pool2d_grad";
  Pair window = {2, 2};
  Pair stride = {2, 2};
  Padding4 padding = {0, 0, 0, 0};
  Pair size = {0, 0};
  bool count_padding = false;
  static constexpr auto fields =
      std::tuple{field("window", &AvgPool2dGrad::window), field("stride", &AvgPool2dGrad::stride),
                 field("padding", &AvgPool2dGrad::padding), field("size", &AvgPool2dGrad::size),
                 rare_field("count_padding", &AvgPool2dGrad::count_padding)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const AvgPool2dGrad&, const AvgPool2dGrad&) = default;
};

}  // namespace evenkeel
