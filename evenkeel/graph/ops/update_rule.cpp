// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/update_rule.h"

#include <cmath>

namespace evenkeel {

Types update_types(const ShapeScope& in, std::size_t slots, std::int64_t block) {
  in.require_float(0);
  in.require(!in[0].shape.dynamic(), "a parameter of known size");
  for (std::size_t index = 1; index <= slots + 1; ++index) in.require_same(0, index);
  in.require_type(slots + 2, DType::f64, {});
  Types result(slots + 1, {in[0].dtype, in[0].shape});
  result.push_back({DType::i32, {(in[0].shape.elements() + block - 1) / block}});
  return result;
}

void require_fraction(const ShapeScope& in, const char* what, double value) {
  if (!(value >= 0 && value < 1))
    in.fail(std::string(what) + " in [0,1), not " + std::to_string(value));
}

void require_not_negative(const ShapeScope& in, const char* what, double value) {
  if (!(value >= 0 && std::isfinite(value)))
    in.fail(std::string("a finite ") + what + " of at least 0, not " + std::to_string(value));
}

}  // namespace evenkeel
