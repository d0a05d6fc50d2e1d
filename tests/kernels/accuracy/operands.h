// SPDX-License-Identifier: Apache-2.0
// The operands of a kernel's accuracy, drawn.
#pragma once

#include "tests/kernels/accuracy/accuracy.h"

namespace evenkeel::native_test {

struct Drawn {
  Op op;
  std::vector<Tensor> inputs;
};

struct Case {
  const char* name;
  double bound;
  Drawn (*draw)(Draw&);
};

// [rows,C] or [N,H,W,C].
inline Shape shape(Draw& d) {
  const std::int64_t C = d.between(1, 70);
  if (d.coin()) return {d.between(2, 300), C};
  return {d.between(2, 6), d.between(1, 9), d.between(1, 9), C};
}

inline std::vector<Tensor> moments(const Tensor& x, bool each_sample = false) {
  return run_reference(ChannelMoments{each_sample}, {x});
}

inline std::vector<Tensor> joined(std::vector<Tensor> first, const std::vector<Tensor>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

inline Drawn product(Draw& d, std::int64_t M, bool transpose_a, bool transpose_b,
                     std::int64_t narrowest = 17, std::int64_t widest = 150) {
  const std::int64_t C = d.between(100, 700), K = d.between(narrowest, widest);
  return {MatMul{transpose_a, transpose_b},
          {d.data(transpose_a ? Shape{C, M} : Shape{M, C}),
           d.normal(transpose_b ? Shape{K, C} : Shape{C, K})}};
}

inline Drawn with_epilogue(Draw& d, Drawn drawn) {
  drawn.inputs.push_back(d.normal({drawn.inputs[1].shape[1]}));
  return {Fused{std::get<MatMul>(drawn.op), {BiasAdd{}, Relu{}}}, drawn.inputs};
}

inline Drawn fused_product(Draw& d, std::int64_t M) {
  return with_epilogue(d, product(d, M, false, false));
}

// At most seven rows, of any number of columns.
inline Drawn product_of_few_rows(Draw& d) { return product(d, d.between(1, 7), false, false, 10); }

inline Drawn narrow_product(Draw& d) {
  return product(d, d.between(8, 70), d.coin(), false, 1, 16);
}

// Its b in bf16.
inline Drawn narrowed(Drawn drawn) {
  drawn.inputs[1] = run_reference(Cast{DType::bf16}, {drawn.inputs[1]})[0];
  return drawn;
}

inline Drawn unary(Draw& d, Op op) { return {std::move(op), {d.data(shape(d))}}; }

inline Drawn slope_of(Draw& d, Op op, bool probabilities) {
  const Shape s = shape(d);
  Tensor y = d.data(s);
  if (probabilities) y = run_reference(Sigmoid{}, {y})[0];
  return {std::move(op), {d.normal(s), y}};
}

inline Drawn loss(Draw& d, Op op) {
  const std::int64_t N = d.between(2, 140), K = d.between(2, 40);
  return {std::move(op), {d.normal({N, K}, 0, 4), d.integers({N}, 0, K - 1)}};
}

inline Drawn norm_slope(Draw& d, Op op, std::int64_t C) {
  const Shape s = {d.between(1, 4), d.between(2, 9), d.between(2, 9), C};
  return {std::move(op), {d.normal(s), d.data(s), d.normal({C}, 1, 0.3)}};
}

inline Drawn norm(Draw& d, Op op, std::int64_t C) {
  const Shape s = {d.between(1, 4), d.between(2, 9), d.between(2, 9), C};
  return {std::move(op), {d.data(s), d.normal({C}, 1, 0.3), d.normal({C})}};
}

inline Drawn product_and_adam(Draw& d) {
  const std::int64_t C = d.between(2, 200), M = d.between(8, 70), K = d.between(16, 70);
  AdamUpdate op;
  op.form = d.coin() ? AdamForm::tensorflow : AdamForm::pytorch;
  return {Fused{MatMul{true, false}, {op}},
          {d.normal({C, M}), d.normal({C, K}), d.normal({M, K}), d.normal({M, K}),
           d.squares({M, K}), Tensor::of({}, std::vector<double>{1e-3}), d.count(2000)}};
}

// The operands of ResNet-20's convolutions with a stride, or of their gradients.
struct Strided {
  Conv2d op = {{2, 2}, {0, 1, 0, 1}};
  std::int64_t C, K, P, Q;
  explicit Strided(Draw& d)
      : C(d.between(8, 40)), K(d.between(8, 70)), P(d.between(4, 9)), Q(d.between(4, 9)) {}
  Tensor x(Draw& d) const { return d.data({2, 2 * P, 2 * Q, C}); }
  Tensor dy(Draw& d) const { return d.normal({2, P, Q, K}); }
  Tensor kernel(Draw& d) const { return d.normal({3, 3, C, K}); }
};

inline Drawn adam_case(Draw& d, AdamForm form) {
  const Shape s = {d.between(1, 40000)};
  AdamUpdate op;
  op.form = form;
  return {op,
          {d.normal(s), d.normal(s), d.squares(s), d.normal(s),
           Tensor::of({}, std::vector<double>{1e-3}), d.count(2000)}};
}

}  // namespace evenkeel::native_test
