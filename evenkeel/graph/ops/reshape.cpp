// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/reshape.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

Types Reshape::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  const Shape& x = in[0].shape;
  const std::string wanted = to_string(shape);
  if (!valid_extents(shape)) in.fail("a shape with dimensions of at least 1, not " + wanted);
  if (!shape.dynamic()) {
    if (x.dynamic() || x.elements() != shape.elements()) in.fail("as many elements as " + wanted);
    return {{in[0].dtype, shape}};
  }
  if (x.rank() == 0 || x.elements_per_sample() != shape.elements_per_sample())
    in.fail("as many elements a sample as " + wanted);
  return {{in[0].dtype, shape.bound(x[0])}};
}

void Reshape::gradient(GradientScope& scope) const {
  scope.set_input_gradient(0, scope.add(Reshape{scope.type(scope.input(0)).shape},
                                        {*scope.gradient_of_output()}, "grad"));
}

}  // namespace evenkeel
