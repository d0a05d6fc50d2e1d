// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/concat.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kLargestConcat = std::int64_t{1} << 40;

// The axis as an index; samples are never joined or cut.
std::size_t require_axis(const ShapeScope& in, std::int64_t axis) {
  const auto rank = static_cast<std::int64_t>(in[0].shape.rank());
  if (axis < -1 || axis >= rank || rank == 0)
    in.fail("an axis from -1 (the last) to " + std::to_string(rank - 1) + ", not " +
            std::to_string(axis));
  const std::size_t index = axis_index(axis, in[0].shape.rank());
  if (in[0].shape[index] == kBatch) in.fail("another axis than the batch's");
  return index;
}

ValueType with_extent(const ValueType& type, std::size_t axis, std::int64_t extent) {
  ValueType result = {type.dtype, type.shape};
  result.shape[axis] = extent;
  return result;
}

}  // namespace

// each: equal but along the axis
Types Concat::infer(const ShapeScope& in) const {
  in.require(in.size() >= 1, "at least one input");
  in.require_float(0);
  const std::size_t at = require_axis(in, axis);
  std::int64_t extent = 0;
  for (std::size_t index = 0; index < in.size(); ++index) {
    const ValueType& type = in[index];
    const bool fits = type.dtype == in[0].dtype && type.shape.rank() == in[0].shape.rank() &&
                      with_extent(type, at, 1).shape == with_extent(in[0], at, 1).shape;
    if (!fits) in.fail("inputs that differ along axis " + std::to_string(at) + " alone");
    extent += type.shape[at];
  }
  return {with_extent(in[0], at, extent)};
}

void Concat::gradient(GradientScope& scope) const {
  const std::size_t at = axis_index(axis, scope.type(scope.output()).shape.rank());
  const std::size_t inputs = scope.input_count();
  std::int64_t begin = 0;
  for (std::size_t index = 0; index < inputs; ++index) {
    const std::int64_t end = begin + scope.type(scope.input(index)).shape[at];
    if (scope.wanted(index))
      scope.set_input_gradient(
          index, scope.add(Slice{axis, begin, end}, {*scope.gradient_of_output()}, "grad"));
    begin = end;
  }
}

Types Slice::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  const std::size_t at = require_axis(in, axis);
  const std::int64_t extent = in[0].shape[at];
  if (begin < 0 || end <= begin || end > extent)
    in.fail("0 <= begin < end <= " + std::to_string(extent) + ", not " + std::to_string(begin) +
            " and " + std::to_string(end));
  return {with_extent(in[0], at, end - begin)};
}

void Slice::gradient(GradientScope& scope) const {
  const Shape& x = scope.type(scope.input(0)).shape;
  const std::int64_t extent = x[axis_index(axis, x.rank())];
  scope.set_input_gradient(
      0, scope.add(ZeroPad{axis, begin, extent - end}, {*scope.gradient_of_output()}, "grad"));
}

Types ZeroPad::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0);
  const std::size_t at = require_axis(in, axis);
  for (const std::int64_t zeros : {before, after})
    if (zeros < 0 || zeros > kLargestConcat)
      in.fail("padding of at least 0, not " + std::to_string(zeros));
  return {with_extent(in[0], at, before + in[0].shape[at] + after)};
}

void ZeroPad::gradient(GradientScope& scope) const {
  const Shape& x = scope.type(scope.input(0)).shape;
  const std::int64_t extent = x[axis_index(axis, x.rank())];
  scope.set_input_gradient(
      0, scope.add(Slice{axis, before, before + extent}, {*scope.gradient_of_output()}, "grad"));
}

}  // namespace evenkeel
