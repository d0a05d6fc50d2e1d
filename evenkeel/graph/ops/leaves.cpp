// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/leaves.h"

#include <cmath>

#include "evenkeel/graph/ops/parameter_rules.h"

namespace evenkeel {

Types State::infer(const ShapeScope& in) const {
  in.require_inputs(0);
  if (type.shape.dynamic()) in.fail("a state of known size, not " + to_string(type));
  if (!std::isfinite(value)) in.fail("a finite value, not " + std::to_string(value));
  const std::size_t rank = type.shape.rank();
  if (by_fans(initializer) && rank != 2 && rank != 4)
    in.fail("a kernel [in,out] or [R,S,C,K] for " +
            std::string(EnumNames<Initializer>::names.at(static_cast<std::size_t>(initializer))) +
            ", not " + to_string(type));
  if (initializer == Initializer::truncated_normal && !(value > 0))
    in.fail("a standard deviation above 0 for truncated_normal, not " + std::to_string(value));
  if (const std::string fault = penalty_fault(l1, l2); !fault.empty()) in.fail(fault);
  if (const std::string fault = bound_fault({bound, low, high, rate}); !fault.empty())
    in.fail(fault);
  if (!trained(role) && (penalised() || bound != Bound::none || frozen))
    in.fail("a role that trains for a penalty, a bound or frozen");
  return {type};
}

}  // namespace evenkeel
