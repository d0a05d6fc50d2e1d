#include "evenkeel/graph/ops/softmax_cross_entropy.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// z: [N,K]
Types Softmax::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 2);
  return {{in[0].dtype, in[0].shape}};
}

// z: [N,K]  labels: [N]
Types SoftmaxCrossEntropy::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 2);
  const Shape each = {in[0].shape[0]};
  in.require_type(1, DType::i32, each);
  return {{in[0].dtype, each}, {DType::i32, each}, {in[0].dtype, in[0].shape}};
}

void SoftmaxCrossEntropy::gradient(GradientScope& scope) const {
  if (scope.gradient_of_output(2)) scope.fail("a second derivative is not supported");
  if (!scope.wanted(0) || !scope.gradient_of_output(0)) return;
  scope.set_input_gradient(
      0, scope.add(ScaleAxis{0}, {scope.output(2), *scope.gradient_of_output(0)}, "grad"));
}

}  // namespace evenkeel
