// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/layer_norm.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/norm_rule.h"

namespace evenkeel {
namespace {

void require_rows(const ShapeScope& in, const Shape& x) {
  in.require(x.back() >= 2,
             "two channels or more: a single value is its own mean, and y would be beta");
}

}  // namespace

// x: [N,..,C]  gamma, beta: [C]
Types LayerNorm::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  require_norm(in, 0, 2, epsilon);
  require_rows(in, in[0].shape);
  return {{in[0].dtype, in[0].shape}};
}

void LayerNorm::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  const LayerNormGrad grad{epsilon};
  set_norm_gradients(scope, scope.add(grad, {dy, scope.input(0), scope.input(1)}, "grad").node);
}

// dy, x: [N,..,C]  gamma: [C]
Types LayerNormGrad::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  require_norm(in, 1, 1, epsilon);
  in.require_same(0, 1);
  require_rows(in, in[1].shape);
  return norm_gradient_types(in);
}

}  // namespace evenkeel
