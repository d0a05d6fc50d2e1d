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

// (x, count, mean, M2, gamma, beta) of batch norm.
std::vector<Tensor> norm_inputs(Draw& draw, const Tensor& x) {
  std::vector<Tensor> inputs = run_op(ChannelMoments{}, {x});
  inputs.insert(inputs.begin(), x);
  for (int i = 0; i < 2; ++i) inputs.push_back(draw.uniform_tensor({x.shape.back()}));
  return inputs;
}

std::vector<Tensor> followed_by(std::vector<Tensor> first, const Tensor& more) {
  first.push_back(more);
  return first;
}

TEST(ReferenceFused, BatchNormAddReluEqualsItsOps) {
  for_random_cases(20, [](Draw& draw) {
    const Tensor x = draw.uniform_tensor({2, 3, 4, 5}), addend = draw.uniform_tensor(x.shape);
    const auto inputs = norm_inputs(draw, x);
    const auto sum = run_op(Add{}, {run_op(BatchNormApply{}, inputs)[0], addend});
    EXPECT_EQ(run_op(Fused{BatchNormApply{}, {Add{}, Relu{}}}, followed_by(inputs, addend)),
              run_op(Relu{}, sum));
    EXPECT_EQ(run_op(Fused{Add{}, {ReluGrad{}}}, {x, addend, sum[0]}),
              run_op(ReluGrad{}, {run_op(Add{}, {x, addend})[0], sum[0]}));
  });
}

TEST(ReferenceFused, BatchNormReluConvolutionMomentsEqualsItsOps) {
  for_random_cases(10, [](Draw& draw) {
    const WinogradConv2d core{4, {1, 1, 1, 1}, 6};
    const Tensor x = draw.uniform_tensor({3, 5, 7, 4});
    const Tensor U = run_op(WinogradKernel{4, false}, {draw.uniform_tensor({3, 3, 4, 6})})[0];
    const auto inputs = norm_inputs(draw, x);
    const Tensor map = run_op(Relu{}, run_op(BatchNormApply{}, inputs))[0];
    std::vector<Tensor> expected = run_op(core, {map, U});
    for (Tensor& each : run_op(ChannelMoments{true}, {expected[0]})) expected.push_back(each);
    const Fused op = {core, {ChannelMoments{true}}, {BatchNormApply{}, Relu{}}};
    EXPECT_EQ(run_op(op, followed_by(inputs, U)), expected);
  });
}

// Sums of the gradient behind a convolution, masked or not, and a pooling behind a prologue.
TEST(ReferenceFused, GradientSumsAndPoolingEqualTheirOps) {
  Draw draw(3);
  const Tensor x = draw.uniform_tensor({2, 4, 4, 3}), W = draw.uniform_tensor({1, 1, 3, 3});
  const auto inputs = norm_inputs(draw, x);
  const Tensor dy = run_op(Conv2d{}, {x, W})[0];
  std::vector<Tensor> operands = {x, W};
  std::vector<Tensor> of_sums = {dy};
  for (const Tensor& each : inputs) {
    operands.push_back(each);
    of_sums.push_back(each);
  }
  const BatchNormGradSums rectified = {1e-3, true, true};
  std::vector<Tensor> expected = {dy};
  for (Tensor& each : run_op(rectified, of_sums)) expected.push_back(each);
  EXPECT_EQ(run_op(Fused{Conv2d{}, {rectified}}, operands), expected);

  const Fused pooled = {Conv2d{}, {MaxPool2d{}}, {BatchNormApply{}, Relu{}}};
  const Tensor map = run_op(Relu{}, run_op(BatchNormApply{}, inputs))[0];
  EXPECT_EQ(run_op(pooled, followed_by(inputs, W)),
            run_op(MaxPool2d{}, run_op(Conv2d{}, {map, W})));
}

// What rectified says is the gradient through the ReLU, by its definition.
TEST(ReferenceFused, RectifiedGradientsEqualTheirOps) {
  for_random_cases(20, [](Draw& draw) {
    const Tensor x = draw.uniform_tensor({3, 4, 5}), dy = draw.uniform_tensor(x.shape);
    const auto in = norm_inputs(draw, x);
    const Tensor y = run_op(BatchNormApply{}, in)[0];
    const Tensor masked = run_op(ReluGrad{}, {dy, run_op(Relu{}, {y})[0]})[0];
    const auto sums = run_op(BatchNormGradSums{}, {masked, x, in[1], in[2], in[3]});
    EXPECT_EQ(
        run_op(BatchNormGradSums{1e-3, false, true}, {dy, x, in[1], in[2], in[3], in[4], in[5]}),
        sums);
    EXPECT_EQ(
        run_op(BatchNormGradApply{1e-3, true},
               {dy, x, in[1], in[2], in[3], in[4], sums[0], sums[1], in[5]}),
        run_op(BatchNormGradApply{}, {masked, x, in[1], in[2], in[3], in[4], sums[0], sums[1]}));
  });
}

TEST(ReferenceFused, WithoutAnEpilogueIsItsCore) {
  const Tensor a = f64({1, 1}, {3});
  EXPECT_EQ(run_op(Fused{MatMul{}, {}}, {a, a})[0], f64({1, 1}, {9}));
}

}  // namespace
}  // namespace evenkeel::test
