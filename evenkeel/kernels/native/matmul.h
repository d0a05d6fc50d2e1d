// SPDX-License-Identifier: Apache-2.0
// What the kernels of matrix products have in common: a product on bound shapes, by itself or with
// an epilogue, by blocks of columns.
#pragma once

#include <optional>

#include "evenkeel/kernels/native/epilogue.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {

// y: [M,K] = op(a) op(b), C the extent of the sum.
struct Product {
  std::size_t M, C, K;
  bool transpose_a, transpose_b;
  Epilogue epilogue;
};

// With fewer rows than these a copy of b does not pay.
inline constexpr std::size_t kFewestPackedRows = 8;

// Of a call of MatMul or Fused in f32; none of another core or epilogue.
inline std::optional<Product> product_of(const Call& call) {
  const auto* op = std::get_if<MatMul>(&call.op);
  std::optional<Epilogue> epilogue = Epilogue{};
  if (const auto* fused = std::get_if<Fused>(&call.op)) {
    op = std::get_if<MatMul>(&fused->core);
    epilogue = epilogue_of(*fused);
  }
  if (op == nullptr || !epilogue || !all_f32(call)) return std::nullopt;
  const Shape& a = call.inputs[0].shape;
  const Shape& y = call.outputs[0].shape;
  return Product{static_cast<std::size_t>(y[0]),
                 static_cast<std::size_t>(a[op->transpose_a ? 0 : 1]),
                 static_cast<std::size_t>(y[1]),
                 op->transpose_a,
                 op->transpose_b,
                 *epilogue};
}

// Blocks of columns of y.
struct ProductKernel {
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0, 1};
  static std::int64_t extent(const Call& call) {
    return blocks_of(call.outputs[0].shape[1], kChannelBlock);
  }
  explicit ProductKernel(const Call& call) : p(*product_of(call)) {}
  // The columns of blocks [begin, end).
  Channels columns(Range range) const {
    return {p.M, p.K, static_cast<std::size_t>(range.begin * kChannelBlock),
            std::min(static_cast<std::size_t>(range.end * kChannelBlock), p.K)};
  }
  const float* bias(const Args& args) const {
    return p.epilogue.bias ? in<float>(args, 2) : nullptr;
  }
  Product p;
};

}  // namespace evenkeel::native
