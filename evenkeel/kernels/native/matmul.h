// SPDX-License-Identifier: Apache-2.0
// A matrix product on bound shapes, as the kernel reads it.
#pragma once

#include <cstddef>

namespace evenkeel::native {

// y: [M,K] = op(a) op(b), C the extent of the sum.
struct Product {
  std::size_t M, C, K;
  bool transpose_a, transpose_b;
};

}  // namespace evenkeel::native
