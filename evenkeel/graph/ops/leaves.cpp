#include "evenkeel/graph/ops/leaves.h"

#include <cmath>

namespace evenkeel {

Types State::infer(const ShapeScope& in) const {
  in.require_inputs(0);
  if (type.shape.dynamic()) in.fail("a state of known size, not " + to_string(type));
  if (!std::isfinite(value)) in.fail("a finite value, not " + std::to_string(value));
  const std::size_t rank = type.shape.rank();
  if (initializer == Initializer::glorot_uniform && rank != 2 && rank != 4)
    in.fail("a kernel [in,out] or [R,S,C,K] for glorot_uniform, not " + to_string(type));
  return {type};
}

}  // namespace evenkeel
