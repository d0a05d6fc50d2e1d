// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/clip.h"

#include <cmath>

namespace evenkeel {

Types SquaredNorm::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  return {{DType::f64, {}}};
}

Types ClipFactor::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_type(0, DType::f64, {});
  in.require(dtype == DType::f32 || dtype == DType::f64, "attribute dtype f32 or f64");
  if (!(largest > 0 && std::isfinite(largest)))
    in.fail("a largest norm above 0, not " + std::to_string(largest));
  return {{dtype, {}}};
}

}  // namespace evenkeel
