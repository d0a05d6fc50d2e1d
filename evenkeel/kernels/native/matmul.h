// SPDX-License-Identifier: Apache-2.0
// A matrix product on bound shapes, as the kernels read it.
#pragma once

#include <cstddef>

#include "evenkeel/graph/ops/matmul.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel::native {

// y: [M,K] = op(a) op(b), C the extent of the sum.
struct Product {
  std::size_t M, C, K;
  bool transpose_a, transpose_b;
};

// With fewer rows than these a copy of b does not pay.
inline constexpr std::size_t kFewestPackedRows = 8;

inline Product product_of(const MatMul& op, const Call& call) {
  const Shape& a = call.inputs[0].shape;
  const Shape& y = call.outputs[0].shape;
  return {static_cast<std::size_t>(y[0]), static_cast<std::size_t>(a[op.transpose_a ? 0 : 1]),
          static_cast<std::size_t>(y[1]), op.transpose_a, op.transpose_b};
}

}  // namespace evenkeel::native
