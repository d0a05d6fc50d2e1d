// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/group_norm.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops/norm_rule.h"

namespace evenkeel {
namespace {

void require_groups(const ShapeScope& in, std::int64_t groups, const Shape& x) {
  if (groups < 1 || x.back() % groups != 0)
    in.fail("groups that divide the " + std::to_string(x.back()) + " channels, not " +
            std::to_string(groups));
  if (x.elements_per_sample() == groups)
    in.fail("groups of two values or more, which " + std::to_string(groups) +
            " groups are not: a single value is its own mean, and y would be beta");
}

}  // namespace

// x: [N,..,C]  gamma, beta: [C]
Types GroupNorm::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  require_norm(in, 0, 2, epsilon);
  require_groups(in, groups, in[0].shape);
  return {{in[0].dtype, in[0].shape}};
}

void GroupNorm::gradient(GradientScope& scope) const {
  const Value dy = *scope.gradient_of_output();
  const GroupNormGrad grad{groups, epsilon};
  set_norm_gradients(scope, scope.add(grad, {dy, scope.input(0), scope.input(1)}, "grad").node);
}

// dy, x: [N,..,C]  gamma: [C]
Types GroupNormGrad::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  require_norm(in, 1, 1, epsilon);
  in.require_same(0, 1);
  require_groups(in, groups, in[1].shape);
  return norm_gradient_types(in);
}

}  // namespace evenkeel
