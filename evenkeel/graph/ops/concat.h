// SPDX-License-Identifier: Apache-2.0
// Values side by side along an axis, parts of a value, and zeros around one.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = the inputs one behind the other along `axis` (not the batch's; -1: the last). The inputs have
// equal extents along all other axes.
struct Concat {
  static constexpr std::string_view name = "concat";
  std::int64_t axis = -1;
  static constexpr auto fields = std::tuple{field("axis", &Concat::axis)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Concat&, const Concat&) = default;
};

// y = x[begin .. end) along `axis`.
struct Slice {
  static constexpr std::string_view name = "slice";
  std::int64_t axis = -1;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  static constexpr auto fields = std::tuple{
      field("axis", &Slice::axis), field("begin", &Slice::begin), field("end", &Slice::end)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Slice&, const Slice&) = default;
};

// y = x with `before` zeros ahead and `after` behind along `axis`.
struct ZeroPad {
  static constexpr std::string_view name = "zero_pad";
  std::int64_t axis = -1;
  std::int64_t before = 0;
  std::int64_t after = 0;
  static constexpr auto fields =
      std::tuple{field("axis", &ZeroPad::axis), field("before", &ZeroPad::before),
                 field("after", &ZeroPad::after)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const ZeroPad&, const ZeroPad&) = default;
};

// `axis` of a value of that rank as an index, -1 being the last.
inline std::size_t axis_index(std::int64_t axis, std::size_t rank) {
  return static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis);
}

}  // namespace evenkeel
