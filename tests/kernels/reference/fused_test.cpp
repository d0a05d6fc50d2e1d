// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// The meaning of a fused op is its expansion: the same bytes.
TEST(ReferenceFused, ConvolutionBiasReluEqualsItsOps) {
  for_random_cases(50, [](Draw& draw) {
    const Conv2d core = {{draw.integer(1, 2), draw.integer(1, 2)},
                         {draw.integer(0, 2), draw.integer(0, 2), draw.integer(0, 2), 1}};
    const Tensor x = draw.uniform_tensor({2, 5, 6, 3});
    const Tensor W = draw.uniform_tensor({3, 2, 3, 5});
    const Tensor b = draw.uniform_tensor({5});
    const Tensor y = run_op(Relu{}, run_op(BiasAdd{}, {run_op(core, {x, W})[0], b}))[0];
    EXPECT_EQ(run_op(Fused{core, {BiasAdd{}, Relu{}}}, {x, W, b})[0], y);
  });
}

TEST(ReferenceFused, PoolingBiasReluEqualsItsOps) {
  Draw draw(1);
  const Tensor x = draw.uniform_tensor({2, 5, 6, 3});
  const Tensor b = draw.uniform_tensor({3});
  const auto pooled = run_op(MaxPool2d{}, {x});
  const auto fused = run_op(Fused{MaxPool2d{}, {BiasAdd{}, Relu{}}}, {x, b});
  EXPECT_EQ(fused[0], run_op(Relu{}, run_op(BiasAdd{}, {pooled[0], b}))[0]);
  EXPECT_EQ(fused[1], pooled[1]);
  // The maximum commutes with both.
  const auto last = run_op(MaxPool2d{}, run_op(Relu{}, run_op(BiasAdd{}, {x, b})));
  EXPECT_EQ(fused[0], last[0]);
}

TEST(ReferenceFused, ConvolutionBiasReluPoolingEqualsItsOps) {
  for_random_cases(20, [](Draw& draw) {
    const Conv2d core = {{1, 1}, {draw.integer(0, 2), 1, draw.integer(0, 2), 1}};
    const MaxPool2d pool = {{draw.integer(1, 3), 2}, {2, draw.integer(1, 2)}};
    const Tensor x = draw.uniform_tensor({2, 5, 6, 3});
    const Tensor W = draw.uniform_tensor({3, 2, 3, 5});
    const Tensor b = draw.uniform_tensor({5});
    const Tensor map = run_op(Relu{}, run_op(BiasAdd{}, {run_op(core, {x, W})[0], b}))[0];
    EXPECT_EQ(run_op(Fused{core, {BiasAdd{}, Relu{}, pool}}, {x, W, b}), run_op(pool, {map}));
    EXPECT_EQ(run_op(Fused{core, {pool}}, {x, W}), run_op(pool, run_op(core, {x, W})));
  });
}

TEST(ReferenceFused, EachEpilogueTakesItsOwnOperands) {
  const Fused op = {MatMul{}, {BiasAdd{}, Relu{}, BiasAdd{}}};
  const Tensor y = run_op(op, {f32({1, 2}, {1, 2}), f32({2, 2}, {1, 0, 0, 1}), f32({2}, {-3, 3}),
                               f32({2}, {10, 20})})[0];
  EXPECT_EQ(y, f32({1, 2}, {10, 25}));
}

TEST(ReferenceFused, ProductAndAdamEqualsItsOps) {
  for_random_cases(20, [](Draw& draw) {
    const std::int64_t C = draw.integer(1, 9), M = draw.integer(1, 60), K = draw.integer(1, 9);
    const AdamUpdate adam = {.l2 = draw.integer(0, 1) * 0.1, .decay = draw.integer(0, 1) * 0.1};
    Tensor a = draw.uniform_tensor({C, M});
    const Tensor b = draw.uniform_tensor({C, K});
    if (draw.integer(0, 1) == 1) a.values<double>()[0] = std::numeric_limits<double>::infinity();
    const Tensor p = draw.uniform_tensor({M, K}), m = draw.uniform_tensor({M, K});
    const Tensor v = run_op(Multiply{}, {p, p})[0];
    const Tensor lr = f64({}, {0.01}), step = Tensor::of({}, std::vector<std::int64_t>{3});
    const MatMul product = {true, false};
    const auto expected = run_op(adam, {p, m, v, run_op(product, {a, b})[0], lr, step});
    const auto fused = run_op(Fused{product, {adam}}, {a, b, p, m, v, lr, step});
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(fused[i], expected[i]);
    const auto sum = [](const Tensor& counts) {
      const auto all = counts.values<std::int32_t>();
      return std::accumulate(all.begin(), all.end(), 0);
    };
    EXPECT_EQ(sum(fused[3]), sum(expected[3]));
    EXPECT_EQ(fused[3].shape, (Shape{(M + 23) / 24}));
  });
}

TEST(ReferenceFused, WithoutAnEpilogueIsItsCore) {
  const Tensor a = f64({1, 1}, {3});
  EXPECT_EQ(run_op(Fused{MatMul{}, {}}, {a, a})[0], f64({1, 1}, {9}));
}

}  // namespace
}  // namespace evenkeel::test
