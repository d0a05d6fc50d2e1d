// SPDX-License-Identifier: Apache-2.0
// Axes in another order.
#pragma once

#include <cstdint>
#include <vector>

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// Axis i of y is axis axes[i] of x. `axes` has each axis once and 0 in front: samples stay apart.
struct Transpose {
  static constexpr std::string_view name = "transpose";
  std::vector<std::int64_t> axes = {};
  static constexpr auto fields = std::tuple{field("axes", &Transpose::axes)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Transpose&, const Transpose&) = default;
};

// The axes that undo a transpose by `axes`.
EVENKEEL_API std::vector<std::int64_t> inverse_axes(const std::vector<std::int64_t>& axes);
// One transpose's axes for one by `first` and then one by `second`.
std::vector<std::int64_t> composed_axes(const std::vector<std::int64_t>& first,
                                        const std::vector<std::int64_t>& second);
// True for 0, 1, 2, ...
bool identity_axes(const std::vector<std::int64_t>& axes);

}  // namespace evenkeel
