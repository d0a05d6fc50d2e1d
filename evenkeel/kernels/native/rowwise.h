// SPDX-License-Identifier: Apache-2.0
// What native kernels on rows of K classes share. Rows are short, so plain loops in double.
#pragma once

#include "evenkeel/kernels/native/lane_kernel.h"
#include "evenkeel/kernels/rows.h"

namespace evenkeel::native {

struct RowwiseKernel {
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  explicit RowwiseKernel(const Call& call)
      : N(rows_of(call.inputs[0]).rows), K(rows_of(call.inputs[0]).channels) {}
  std::int64_t N;
  std::int64_t K;
};

// A loss of f32[N,K] with labels i32[N] or targets f32[N,K].
struct LossKernel : RowwiseKernel {
  static constexpr std::array in_place = {InPlace{0, 2}};
  static bool accepts(const Call& call) {
    const bool labels =
        is_dense(call.inputs[1], DType::i32) || is_dense(call.inputs[1], DType::f32);
    return labels && is_dense(call.inputs[0], DType::f32) &&
           is_dense(call.outputs[0], DType::f32) && is_dense(call.outputs[1], DType::i32) &&
           is_dense(call.outputs[2], DType::f32);
  }
  explicit LossKernel(const Call& call) : RowwiseKernel(call), given(call.inputs[1].dtype) {}
  DType given;  // of input 1
};

}  // namespace evenkeel::native
