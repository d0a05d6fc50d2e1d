// SPDX-License-Identifier: Apache-2.0
// The same elements in the same order under another shape; costs nothing in a plan.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = x with `shape`; kBatch first in `shape` stands for x's batch.
struct Reshape {
  static constexpr std::string_view name = "reshape";
  Shape shape;
  static constexpr auto fields = std::tuple{field("shape", &Reshape::shape)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Reshape&, const Reshape&) = default;
};

}  // namespace evenkeel
