// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm_variance.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/batch_norm_rule.h"

namespace evenkeel {

// count, mean, M2: [C] or [N,C]
Types ChannelVariance::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  require_moments(in, 0, in[1].shape);
  in.require(dtype == DType::f32 || dtype == DType::f64, "dtype f32 or f64");
  return {{dtype, in[1].shape}};
}

void ChannelVariance::gradient(GradientScope& scope) const {
  if (scope.wanted(2))
    scope.set_input_gradient(2, scope.add(ChannelVarianceGrad{variance},
                                          {*scope.gradient_of_output(), scope.input(0)}, "grad"));
}

Types ChannelVarianceGrad::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require_type(1, DType::f64, in[0].shape);
  return {{DType::f64, in[0].shape}};
}

Types Deviation::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  require_epsilon(in, epsilon);
  return {{in[0].dtype, in[0].shape}};
}

// dvariance = 1/2 dy / y
void Deviation::gradient(GradientScope& scope) const {
  const Value y = scope.output();
  const Value quotient = scope.add(Divide{}, {*scope.gradient_of_output(), y}, "grad_quotient");
  scope.set_input_gradient(0, scope.add(Scale{0.5, scope.type(y).dtype}, {quotient}, "grad"));
}

Types InverseDeviation::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  require_epsilon(in, epsilon);
  return {{in[0].dtype, in[0].shape}};
}

// dvariance = -1/2 dy y^3
void InverseDeviation::gradient(GradientScope& scope) const {
  const Value y = scope.output();
  const Value dy = *scope.gradient_of_output();
  const Value square = scope.add(Multiply{}, {y, y}, "grad_square");
  const Value cube = scope.add(Multiply{}, {square, y}, "grad_cube");
  const Value product = scope.add(Multiply{}, {dy, cube}, "grad_product");
  scope.set_input_gradient(0, scope.add(Scale{-0.5, scope.type(y).dtype}, {product}, "grad"));
}

// x: [N,..,C]  count, mean, dmean, dM2: [C] or [N,C]
Types ChannelMomentsGrad::infer(const ShapeScope& in) const {
  in.require_inputs(5);
  const Shape shape = sums(in, in[1].shape.rank() == 2);
  for (std::size_t index = 1; index < 5; ++index) in.require_type(index, DType::f64, shape);
  return {{in[0].dtype, in[0].shape}};
}

}  // namespace evenkeel
