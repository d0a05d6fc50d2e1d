// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/parameter_rules.h"

#include <cmath>

namespace evenkeel {
namespace {

bool size(double value) { return value >= 0 && std::isfinite(value); }

}  // namespace

std::string penalty_fault(double l1, double l2) {
  for (const auto& [name, value] : {std::pair("l1", l1), std::pair("l2", l2)})
    if (!size(value))
      return std::string("a finite ") + name + " of at least 0, not " + std::to_string(value);
  return "";
}

std::string bound_fault(const Constrain& bound) {
  const bool high = bound.bound == Bound::max_norm || bound.bound == Bound::min_max_norm;
  if (high && !size(bound.high))
    return "a finite largest norm of at least 0, not " + std::to_string(bound.high);
  if (bound.bound != Bound::min_max_norm) return "";
  if (!(bound.low >= 0 && bound.low <= bound.high))
    return "a smallest norm from 0 to the largest, " + std::to_string(bound.high) + ", not " +
           std::to_string(bound.low);
  if (!(bound.rate >= 0 && bound.rate <= 1))
    return "a rate from 0 to 1, not " + std::to_string(bound.rate);
  return "";
}

// g, p: one shape
Types PenaltyGrad::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require_same(0, 1);
  if (const std::string fault = penalty_fault(l1, l2); !fault.empty()) in.fail(fault);
  return {{in[0].dtype, in[0].shape}};
}

// p: any shape
Types Constrain::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  in.require(bound != Bound::none, "a bound");
  if (const std::string fault = bound_fault(*this); !fault.empty()) in.fail(fault);
  return {{in[0].dtype, in[0].shape}};
}

}  // namespace evenkeel
