// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/shape.h"

namespace evenkeel {

Shape Shape::bound(std::int64_t batch) const {
  Shape result = *this;
  if (result.dynamic()) result.dims_[0] = batch;
  return result;
}

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dim : dims_) product *= dim == kBatch ? 1 : dim;
  return product;
}

std::int64_t Shape::elements_per_sample() const {
  std::int64_t product = 1;
  for (std::size_t axis = 1; axis < dims_.size(); ++axis) product *= dims_[axis];
  return product;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) text += ",";
    text += shape[axis] == kBatch ? "N" : std::to_string(shape[axis]);
  }
  return text + "]";
}

}  // namespace evenkeel
