// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/matmul.h"

#include <utility>

#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

void require_factor(const ShapeScope& in, std::size_t index) {
  if (in[index].dtype != DType::bf16) return in.require_float(index, 2);
  if (in[index].shape.rank() != 2) in.fail("input " + std::to_string(index) + " of rank 2");
}

// What two factors are multiplied and added in.
DType dtype_of_sum(const ShapeScope& in) {
  const DType a = in[0].dtype;
  const DType b = in[1].dtype;
  in.require(a == b || a == DType::bf16 || b == DType::bf16, "factors of one dtype");
  if (a != DType::bf16) return a;
  return b != DType::bf16 ? b : DType::f32;
}

}  // namespace

// a: [M,C]  b: [C,K], each the other way round where its flag says so
Types MatMul::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  require_factor(in, 0);
  require_factor(in, 1);
  const DType dtype = dtype_of_sum(in);
  const Shape& a = in[0].shape;
  const Shape& b = in[1].shape;
  const std::int64_t inner_a = a[transpose_a ? 0 : 1];
  const std::int64_t inner_b = b[transpose_b ? 1 : 0];
  if (inner_a != inner_b)
    in.fail(std::string("factors [M,C] and [C,K] of one C") +
            (transpose_a ? ", the first transposed" : "") +
            (transpose_b ? ", the second transposed" : ""));
  const std::int64_t K = b[transpose_b ? 0 : 1];
  in.require(K != kBatch, "the batch as rows of the product, not as its columns");
  return {{dtype, {a[transpose_a ? 1 : 0], K}}};
}

// Y = A B with A = op(a): dA = dY B^T and dB = A^T dY; where a is A^T, da = dA^T = B dY^T.
void MatMul::gradient(GradientScope& scope) const {
  const Value a = scope.input(0);
  const Value b = scope.input(1);
  const Value dy = *scope.gradient_of_output();
  if (scope.wanted(0))
    scope.set_input_gradient(0, transpose_a
                                    ? scope.add(MatMul{transpose_b, true}, {b, dy}, "grad_a")
                                    : scope.add(MatMul{false, !transpose_b}, {dy, b}, "grad_a"));
  if (scope.wanted(1))
    scope.set_input_gradient(1, transpose_b
                                    ? scope.add(MatMul{true, transpose_a}, {dy, a}, "grad_b")
                                    : scope.add(MatMul{!transpose_a, false}, {a, dy}, "grad_b"));
}

}  // namespace evenkeel
