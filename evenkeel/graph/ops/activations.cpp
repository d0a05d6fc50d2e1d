// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/activations.h"

#include <cmath>

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

// x: any shape
Types one_float(const ShapeScope& in) {
  in.require_inputs(1);
  in.require_float(0);
  return {{in[0].dtype, in[0].shape}};
}

// dy, y: one shape
Types two_alike(const ShapeScope& in) {
  in.require_inputs(2);
  in.require_float(0);
  in.require_same(0, 1);
  return {{in[0].dtype, in[0].shape}};
}

void require_slope(const ShapeScope& in, double slope) {
  if (!(slope >= 0) || !std::isfinite(slope))
    in.fail("a finite slope of at least 0, not " + std::to_string(slope));
}

// `grad` of (dy, y).
template <typename Grad>
void differentiate(GradientScope& scope, const Grad& grad) {
  scope.set_input_gradient(0,
                           scope.add(grad, {*scope.gradient_of_output(), scope.output()}, "grad"));
}

}  // namespace

Types LeakyRelu::infer(const ShapeScope& in) const {
  require_slope(in, slope);
  return one_float(in);
}
Types LeakyReluGrad::infer(const ShapeScope& in) const {
  require_slope(in, slope);
  return two_alike(in);
}
void LeakyRelu::gradient(GradientScope& scope) const { differentiate(scope, LeakyReluGrad{slope}); }

Types Relu6::infer(const ShapeScope& in) const { return one_float(in); }
Types Relu6Grad::infer(const ShapeScope& in) const { return two_alike(in); }
void Relu6::gradient(GradientScope& scope) const { differentiate(scope, Relu6Grad{}); }

Types Sigmoid::infer(const ShapeScope& in) const { return one_float(in); }
Types SigmoidGrad::infer(const ShapeScope& in) const { return two_alike(in); }
void Sigmoid::gradient(GradientScope& scope) const { differentiate(scope, SigmoidGrad{}); }

Types Tanh::infer(const ShapeScope& in) const { return one_float(in); }
Types TanhGrad::infer(const ShapeScope& in) const { return two_alike(in); }
void Tanh::gradient(GradientScope& scope) const { differentiate(scope, TanhGrad{}); }

}  // namespace evenkeel
