// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/matmul.h"

#include <utility>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// a: [M,C]  b: [C,K], each the other way round where its flag says so
Types MatMul::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 2);
  in.require_float(1, 2);
  in.require(in[0].dtype == in[1].dtype, "factors of one dtype");
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
  return {{in[0].dtype, {a[transpose_a ? 1 : 0], K}}};
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
