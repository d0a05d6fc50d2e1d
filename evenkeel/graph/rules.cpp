// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/rules.h"

#include "evenkeel/graph/graph.h"

namespace evenkeel {

bool valid_extents(const Shape& shape) {
  constexpr std::int64_t kLimit = std::int64_t{1} << 40;
  std::int64_t elements = 1;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (axis == 0 && shape[axis] == kBatch) continue;
    if (shape[axis] < 1 || shape[axis] > kLimit / elements) return false;
    elements *= shape[axis];
  }
  return true;
}

void ShapeScope::fail(const std::string& expectation) const {
  std::string came;
  for (const ValueType& type : inputs_) {
    if (!came.empty()) came += ", ";
    came += to_string(type);
  }
  throw InvalidArgument(std::string(node_), std::string(op_) + ": expected " + expectation +
                                                ", got " + (came.empty() ? "no inputs" : came));
}

void ShapeScope::require_inputs(std::size_t count) const {
  if (size() != count) fail(std::to_string(count) + (count == 1 ? " input" : " inputs"));
}

void ShapeScope::require_float(std::size_t index, int rank) const {
  const ValueType& type = inputs_[index];
  if (type.dtype != DType::f32 && type.dtype != DType::f64)
    fail("input " + std::to_string(index) + " of dtype f32 or f64");
  if (rank >= 0 && type.shape.rank() != static_cast<std::size_t>(rank))
    fail("input " + std::to_string(index) + " of rank " + std::to_string(rank));
}

void ShapeScope::require_same(std::size_t a, std::size_t b) const {
  if (inputs_[a].dtype != inputs_[b].dtype || inputs_[a].shape != inputs_[b].shape)
    fail("inputs " + std::to_string(a) + " and " + std::to_string(b) + " of one type");
}

void ShapeScope::require_type(std::size_t index, DType dtype, const Shape& shape) const {
  if (inputs_[index].dtype != dtype || inputs_[index].shape != shape)
    fail("input " + std::to_string(index) + " of type " + to_string(ValueType{dtype, shape}));
}

Value GradientScope::input(std::size_t index) const { return graph_.node(node_).inputs[index]; }

Value GradientScope::output(std::size_t index) const {
  return {node_, static_cast<std::uint32_t>(index)};
}

const ValueType& GradientScope::type(Value value) const { return graph_.type(value); }

bool GradientScope::wanted(std::size_t index) const { return wanted_.empty() || wanted_[index]; }

void GradientScope::fail(const std::string& why) const {
  const Node& node = graph_.node(node_);
  throw InvalidArgument(node.name, std::string(name_of(node.op)) + ": " + why);
}

}  // namespace evenkeel
