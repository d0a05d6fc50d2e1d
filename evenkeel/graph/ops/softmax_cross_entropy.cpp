// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/softmax_cross_entropy.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/loss_rule.h"

namespace evenkeel {

// z: [N,..,K]
Types Softmax::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  in.require(in[0].shape.rank() >= 2, "z of shape [N,..,K]");
  return {{in[0].dtype, in[0].shape}};
}

void Softmax::gradient(GradientScope& scope) const {
  scope.set_input_gradient(
      0, scope.add(SoftmaxGrad{}, {*scope.gradient_of_output(), scope.output()}, "grad"));
}

// dy, y: [N,..,K]
Types SoftmaxGrad::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0);
  in.require(in[0].shape.rank() >= 2, "dy of shape [N,..,K]");
  in.require_same(0, 1);
  return {{in[0].dtype, in[0].shape}};
}

// z: [N,K]  labels: [N] or targets: [N,K]
Types SoftmaxCrossEntropy::infer(const ShapeScope& in) const {
  require_labels(in);
  return loss_types(in);
}

void SoftmaxCrossEntropy::gradient(GradientScope& scope) const { scale_loss_gradient(scope); }

}  // namespace evenkeel
