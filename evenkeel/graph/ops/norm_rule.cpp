// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/norm_rule.h"

#include <cmath>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

void require_norm(const ShapeScope& in, std::size_t x, std::size_t count, double epsilon) {
  in.require_float(x);
  const ValueType& type = in[x];
  in.require(type.shape.rank() >= 2, "x of shape [N,..,C], rank 2 or more");
  for (std::size_t index = x + 1; index <= x + count; ++index)
    in.require_type(index, type.dtype, {type.shape.back()});
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    in.fail("epsilon above 0, not " + std::to_string(epsilon));
}

Types norm_gradient_types(const ShapeScope& in) {
  const ValueType& x = in[1];
  const ValueType sums = {x.dtype, {x.shape[0], x.shape.back()}};
  return {{x.dtype, x.shape}, sums, sums};
}

void set_norm_gradients(GradientScope& scope, NodeId grad) {
  if (scope.wanted(0)) scope.set_input_gradient(0, {grad, 0});
  if (scope.wanted(1))
    scope.set_input_gradient(1, scope.add(BiasGrad{}, {{grad, 2}}, "grad_gamma"));
  if (scope.wanted(2)) scope.set_input_gradient(2, scope.add(BiasGrad{}, {{grad, 1}}, "grad_beta"));
}

}  // namespace evenkeel
