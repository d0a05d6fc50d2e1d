// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/losses.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/loss_rule.h"

namespace evenkeel {

void require_labels(const ShapeScope& in) {
  in.require_inputs(2);
  in.require_float(0, 2);
  const ValueType labels = {DType::i32, {in[0].shape[0]}};
  const bool integers = in[1].dtype == labels.dtype && in[1].shape == labels.shape;
  const bool targets = in[1].dtype == in[0].dtype && in[1].shape == in[0].shape;
  if (!integers && !targets)
    in.fail("input 1 of type " + to_string(labels) + " or " +
            to_string(ValueType{in[0].dtype, in[0].shape}));
}

Types loss_types(const ShapeScope& in) {
  const Shape each = {in[0].shape[0]};
  return {{in[0].dtype, each}, {DType::i32, each}, {in[0].dtype, in[0].shape}};
}

void scale_loss_gradient(GradientScope& scope) {
  if (scope.gradient_of_output(2)) scope.fail("a second derivative is not supported");
  if (!scope.wanted(0) || !scope.gradient_of_output(0)) return;
  scope.set_input_gradient(
      0, scope.add(ScaleAxis{0}, {scope.output(2), *scope.gradient_of_output(0)}, "grad"));
}

// z: [N,K]  labels: [N] or targets: [N,K]
Types SigmoidCrossEntropy::infer(const ShapeScope& in) const {
  require_labels(in);
  return loss_types(in);
}
void SigmoidCrossEntropy::gradient(GradientScope& scope) const { scale_loss_gradient(scope); }

// y: [N,K]  labels: [N] or targets: [N,K]
Types MeanSquaredError::infer(const ShapeScope& in) const {
  require_labels(in);
  return loss_types(in);
}
void MeanSquaredError::gradient(GradientScope& scope) const { scale_loss_gradient(scope); }

// z: [N,K]  labels: [N] or targets: [N,K]
Types InTopK::infer(const ShapeScope& in) const {
  require_labels(in);
  if (k < 1) in.fail("k of at least 1, not " + std::to_string(k));
  return {{DType::i32, {in[0].shape[0]}}};
}

}  // namespace evenkeel
