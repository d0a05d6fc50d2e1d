// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers/channels_last.h"

#include <algorithm>

#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {
namespace {

// Each axis from 1 to rank - 1, in the order given.
std::vector<std::int64_t> counted_from_front(const Scope& scope, const Shape& shape,
                                             const std::vector<std::int64_t>& axes) {
  const auto rank = static_cast<std::int64_t>(shape.rank());
  scope.require(!axes.empty(),
                "axes: expected at least one, got none; leave .axes out for the "
                "last");
  std::vector<std::int64_t> result;
  for (const std::int64_t axis : axes) {
    scope.require(axis >= -rank && axis < rank, "axes: expected axes of " + to_string(shape) +
                                                    ", from " + std::to_string(1 - rank) + " to " +
                                                    std::to_string(rank - 1) + " without 0, got " +
                                                    std::to_string(axis));
    const std::int64_t at = axis < 0 ? axis + rank : axis;
    scope.require(at != 0, "axes: expected axes behind the batch's, got " + std::to_string(axis) +
                               ": statistics are over the batch; a norm of each sample is "
                               "layer_norm() or group_norm()");
    scope.require(std::find(result.begin(), result.end(), at) == result.end(),
                  "axes: expected each axis once, got axis " + std::to_string(at) + " twice");
    result.push_back(at);
  }
  return result;
}

}  // namespace

ChannelsLast::ChannelsLast(Scope& scope, Value x, const std::vector<std::int64_t>& axes) {
  const Shape shape = scope.shape(x);
  const std::vector<std::int64_t> kept = counted_from_front(scope, shape, axes);
  for (std::int64_t axis = 0; axis < static_cast<std::int64_t>(shape.rank()); ++axis)
    if (std::find(kept.begin(), kept.end(), axis) == kept.end()) order_.push_back(axis);
  std::vector<std::int64_t> dims;
  for (const std::int64_t axis : order_) dims.push_back(shape[static_cast<std::size_t>(axis)]);
  std::vector<std::int64_t> together = dims;
  together.push_back(1);
  for (const std::int64_t axis : kept) {
    order_.push_back(axis);
    dims.push_back(shape[static_cast<std::size_t>(axis)]);
    together.back() *= dims.back();
  }
  apart_ = Shape(std::move(dims));
  together_ = Shape(std::move(together));
}

Value ChannelsLast::arrange(Scope& scope, Value x) const {
  if (!identity_axes(order_)) x = add_node(scope, Transpose{order_}, {x}, "channels_last");
  if (apart_ != together_) x = add_node(scope, Reshape{together_}, {x}, "channels");
  return x;
}

Value ChannelsLast::restore(Scope& scope, Value y) const {
  if (apart_ != together_) y = add_node(scope, Reshape{apart_}, {y}, "axes");
  if (!identity_axes(order_))
    y = add_node(scope, Transpose{inverse_axes(order_)}, {y}, "transposed_back");
  return y;
}

}  // namespace evenkeel::layers
