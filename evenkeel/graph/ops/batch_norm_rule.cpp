// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm_rule.h"

#include <cmath>

namespace evenkeel {

void require_epsilon(const ShapeScope& in, double epsilon) {
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    in.fail("epsilon above 0, not " + std::to_string(epsilon));
}

void require_keep(const ShapeScope& in, double keep, bool count_weighted) {
  if (count_weighted && keep == 1) return;  // n / (n + 1) in all updates
  if (!(keep > 0 && keep < 1))
    in.fail("keep between 0 and 1, both excluded, not " + std::to_string(keep));
}

void require_groups(const ShapeScope& in, std::int64_t size, std::int64_t samples) {
  if (size < 1) in.fail("groups of at least 1 sample, not " + std::to_string(size));
  if (samples != kBatch && samples % size != 0)
    in.fail("samples in whole groups of " + std::to_string(size));
}

Shape channels(const ShapeScope& in) {
  in.require_float(0);
  in.require(in[0].shape.rank() >= 2, "x of shape [..,C], rank 2 or more");
  return {in[0].shape.back()};
}

Shape sums(const ShapeScope& in, bool each_sample) {
  Shape C = channels(in);
  if (!each_sample) return C;
  return {in[0].shape[0], C[0]};
}

void require_channels(const ShapeScope& in, std::size_t first, std::size_t count, const Shape& C) {
  for (std::size_t index = first; index < first + count; ++index)
    in.require_type(index, in[0].dtype, C);
}

void require_moments(const ShapeScope& in, std::size_t first, const Shape& shape) {
  for (std::size_t index = first; index < first + 3; ++index)
    in.require_type(index, DType::f64, shape);
}

bool require_moments_of_x(const ShapeScope& in, std::size_t first) {
  const bool each_sample = in[first].shape.rank() == 2;
  require_moments(in, first, sums(in, each_sample));
  return each_sample;
}

Types moments_of(const Shape& shape) {
  const ValueType each = {DType::f64, shape};
  return {each, each, each};
}

}  // namespace evenkeel
