// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/transpose.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

Types Transpose::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  const Shape& x = in[0].shape;
  in.require(axes.size() == x.rank() && x.rank() > 0, "as many axes as x has");
  in.require(axes[0] == 0, "axis 0 in front: the batch stays where it is");
  std::vector<bool> seen(axes.size(), false);
  std::vector<std::int64_t> dims;
  for (const std::int64_t axis : axes) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(axes.size()))
      in.fail("axes from 0 to " + std::to_string(axes.size() - 1) + ", not " +
              std::to_string(axis));
    const auto at = static_cast<std::size_t>(axis);
    if (seen[at]) in.fail("each axis once, not " + std::to_string(axis) + " twice");
    seen[at] = true;
    dims.push_back(x[at]);
  }
  return {{in[0].dtype, Shape(std::move(dims))}};
}

void Transpose::gradient(GradientScope& scope) const {
  scope.set_input_gradient(
      0, scope.add(Transpose{inverse_axes(axes)}, {*scope.gradient_of_output()}, "grad"));
}

std::vector<std::int64_t> inverse_axes(const std::vector<std::int64_t>& axes) {
  std::vector<std::int64_t> result(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i)
    result[static_cast<std::size_t>(axes[i])] = static_cast<std::int64_t>(i);
  return result;
}

std::vector<std::int64_t> composed_axes(const std::vector<std::int64_t>& first,
                                        const std::vector<std::int64_t>& second) {
  std::vector<std::int64_t> result;
  result.reserve(second.size());
  for (const std::int64_t axis : second) result.push_back(first[static_cast<std::size_t>(axis)]);
  return result;
}

bool identity_axes(const std::vector<std::int64_t>& axes) {
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

}  // namespace evenkeel
