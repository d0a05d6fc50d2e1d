// SPDX-License-Identifier: Apache-2.0
// Shapes of tensors: N H W C images, K output channels, R S kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel {

// The dynamic batch dimension; bound to a number when a plan is compiled.
inline constexpr std::int64_t kBatch = -1;

// Row-major extents; rank 0 is a scalar. kBatch may stand only in the first place.
class EVENKEEL_API Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}

  std::size_t rank() const { return dims_.size(); }
  std::int64_t operator[](std::size_t axis) const { return dims_[axis]; }
  std::int64_t& operator[](std::size_t axis) { return dims_[axis]; }
  std::int64_t back() const { return dims_.back(); }
  const std::vector<std::int64_t>& dims() const { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }

  bool dynamic() const { return !dims_.empty() && dims_[0] == kBatch; }
  // The same shape with kBatch replaced by `batch`.
  Shape bound(std::int64_t batch) const;
  // Number of elements; a dynamic shape counts one sample.
  std::int64_t elements() const;
  // Elements of one sample: all dimensions but the first.
  std::int64_t elements_per_sample() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> dims_;
};

// "[N,28,28,1]", "[]".
EVENKEEL_API std::string to_string(const Shape& shape);

}  // namespace evenkeel
