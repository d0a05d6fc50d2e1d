// SPDX-License-Identifier: Apache-2.0
// What the kernels of group norm and its gradient share.
#pragma once

#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {

// x: [samples, rows, channels].
struct GroupExtents {
  std::size_t samples, rows, channels, groups;
};
inline GroupExtents group_extents(const ValueType& x, std::int64_t groups) {
  const std::int64_t C = x.shape.back();
  return {static_cast<std::size_t>(x.shape[0]),
          static_cast<std::size_t>(x.shape.elements_per_sample() / C), static_cast<std::size_t>(C),
          static_cast<std::size_t>(groups)};
}

// Input 0 has x's shape.
template <typename NormOp>
struct GroupNormLane {
  using Op = NormOp;
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit GroupNormLane(const Call& call)
      : extents(group_extents(call.inputs[0], std::get<Op>(call.op).groups)),
        epsilon(std::get<Op>(call.op).epsilon) {}
  GroupExtents extents;
  double epsilon;
};

}  // namespace evenkeel::native
