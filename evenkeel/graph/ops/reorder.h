// SPDX-License-Identifier: Apache-2.0
// A change of memory layout, as an op: so that equal ones are shared and none hides in a kernel.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// The same elements in layout `to`, which takes `bytes` (0 for the dense layout).
struct Reorder {
  static constexpr std::string_view name = "reorder";
  Layout to;
  std::int64_t bytes = 0;
  static constexpr auto fields =
      std::tuple{field("to", &Reorder::to), field("bytes", &Reorder::bytes)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Reorder&, const Reorder&) = default;
};

}  // namespace evenkeel
