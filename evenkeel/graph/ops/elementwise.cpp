// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/elementwise.h"

#include <cmath>

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/bias_add.h"

namespace evenkeel {

Types Scale::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  if (in[0].dtype != DType::u8) in.require_float(0);
  in.require(dtype == DType::f32 || dtype == DType::f64, "attribute dtype f32 or f64");
  if (!std::isfinite(factor)) in.fail("a finite factor, not " + std::to_string(factor));
  return {{dtype, in[0].shape}};
}

void Scale::gradient(GradientScope& scope) const {
  const DType dtype_of_x = scope.type(scope.input(0)).dtype;
  if (dtype_of_x == DType::u8) return;
  scope.set_input_gradient(
      0, scope.add(Scale{factor, dtype_of_x}, {*scope.gradient_of_output()}, "grad"));
}

Types Add::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require_same(0, 1);
  return {{in[0].dtype, in[0].shape}};
}

void Add::gradient(GradientScope& scope) const {
  for (std::size_t index = 0; index < 2; ++index)
    scope.set_input_gradient(index, *scope.gradient_of_output());
}

Types Multiply::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require_same(0, 1);
  return {{in[0].dtype, in[0].shape}};
}

void Multiply::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  if (scope.wanted(0))
    scope.set_input_gradient(0, scope.add(Multiply{}, {dy, scope.input(1)}, "grad_a"));
  if (scope.wanted(1))
    scope.set_input_gradient(1, scope.add(Multiply{}, {dy, scope.input(0)}, "grad_b"));
}

Types Divide::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require_same(0, 1);
  return {{in[0].dtype, in[0].shape}};
}

// da = dy / b, db = -dy y / b
void Divide::gradient(GradientScope& scope) const {
  if (!scope.wanted(0) && !scope.wanted(1)) return;
  const Value da = scope.add(Divide{}, {*scope.gradient_of_output(), scope.input(1)}, "grad_a");
  if (scope.wanted(0)) scope.set_input_gradient(0, da);
  if (!scope.wanted(1)) return;
  const Value y = scope.output();
  const Value product = scope.add(Multiply{}, {da, y}, "grad_product");
  scope.set_input_gradient(1, scope.add(Scale{-1, scope.type(y).dtype}, {product}, "grad_b"));
}

Types Difference::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require_float(1);
  in.require_type(1, in[1].dtype, in[0].shape);
  in.require(dtype == DType::f32 || dtype == DType::f64, "attribute dtype f32 or f64");
  return {{dtype, in[0].shape}};
}

void Difference::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  const auto back = [&](std::size_t input, double factor, const char* suffix) {
    if (!scope.wanted(input)) return;
    const DType to = scope.type(scope.input(input)).dtype;
    scope.set_input_gradient(input, scope.add(Scale{factor, to}, {dy}, suffix));
  };
  back(0, 1, "grad_a");
  back(1, -1, "grad_b");
}

Types Clamp::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  in.require_float(0);
  in.require_type(1, in[0].dtype, {});
  in.require_type(2, in[0].dtype, {});
  return {{in[0].dtype, in[0].shape}};
}

Types StopGradient::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  return {{in[0].dtype, in[0].shape}};
}

Types ScaleAxis::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  const Shape& x = in[0].shape;
  if (axis != 0 && axis != -1) in.fail("axis 0 or -1, not " + std::to_string(axis));
  in.require(x.rank() >= 1, "x of rank 1 or more");
  if (in[1].shape.rank() == 0)
    in.require_type(1, in[0].dtype, {});
  else
    in.require_type(1, in[0].dtype, {axis == 0 ? x[0] : x.back()});
  return {{in[0].dtype, x}};
}

void ScaleAxis::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  const Value x = scope.input(0);
  const Value by = scope.input(1);
  if (scope.wanted(0)) scope.set_input_gradient(0, scope.add(*this, {dy, by}, "grad"));
  if (!scope.wanted(1)) return;
  if (axis != -1 || scope.type(by).shape.rank() != 1)
    scope.fail("has a gradient by its factors along the last axis alone");
  const Value product = scope.add(Multiply{}, {dy, x}, "grad_product");
  scope.set_input_gradient(1, scope.add(BiasGrad{}, {product}, "grad_factors"));
}

Types Increment::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_type(0, DType::i64, in[0].shape);
  return {{DType::i64, in[0].shape}};
}

}  // namespace evenkeel
