// SPDX-License-Identifier: Apache-2.0
// oneDNN's convolution and its two gradients against plain loops in double.
#include "tests/kernels/onednn/harness.h"

namespace evenkeel::onednn_test {
namespace {

struct ConvCase {
  Conv2d op;
  Tensor x, kernel, y;  // y: any values of the result's shape, the gradient's dy
};

ConvCase random_case(Dice& dice, std::int64_t channels) {
  ConvCase c;
  const std::int64_t R = dice.number(1, 5), S = dice.number(1, 5);
  c.op.stride = {dice.number(1, 3), dice.number(1, 3)};
  c.op.padding = {dice.number(0, R - 1), dice.number(0, R - 1), dice.number(0, S - 1),
                  dice.number(0, S - 1)};
  const std::int64_t C = dice.number(1, channels), K = dice.number(1, channels);
  c.x = dice.tensor({dice.number(1, 3), dice.number(R, R + 8), dice.number(S, S + 8), C});
  c.kernel = dice.tensor({R, S, C, K});
  c.y = dice.tensor(call_of(c.op, {c.x, c.kernel}).outputs[0].shape);
  return c;
}

// Taps up to 3 apart in up to 4 groups of a few channels each; every third case is depthwise.
ConvCase dilated_groups(Dice& dice, std::int64_t channels) {
  ConvCase c;
  const std::int64_t R = dice.number(1, 3), S = dice.number(1, 3);
  c.op.stride = {dice.number(1, 2), dice.number(1, 2)};
  c.op.padding = {dice.number(0, R - 1), dice.number(0, R - 1), dice.number(0, S - 1),
                  dice.number(0, S - 1)};
  c.op.dilation = {dice.number(1, 3), dice.number(1, 3)};
  const bool depthwise = dice.number(1, 3) == 1;
  c.op.groups = depthwise ? dice.number(2, channels) : dice.number(1, 4);
  const std::int64_t each = depthwise ? 1 : dice.number(1, channels);
  const std::int64_t K = c.op.groups * dice.number(1, depthwise ? 2 : channels);
  c.x = dice.tensor({dice.number(1, 3), (R - 1) * c.op.dilation[0] + dice.number(1, 8),
                     (S - 1) * c.op.dilation[1] + dice.number(1, 8), c.op.groups * each});
  c.kernel = dice.tensor({R, S, each, K});
  c.y = dice.tensor(call_of(c.op, {c.x, c.kernel}).outputs[0].shape);
  return c;
}

// Calls visit(x's index, kernel's index, y's index) for each product of the convolution.
template <typename Visit>
void for_each_product(const ConvCase& c, const Visit& visit) {
  const Shape &x = c.x.shape, &w = c.kernel.shape, &y = c.y.shape;
  for (std::int64_t n = 0; n < y[0]; ++n)
    for (std::int64_t p = 0; p < y[1]; ++p)
      for (std::int64_t q = 0; q < y[2]; ++q)
        for (std::int64_t r = 0; r < w[0]; ++r)
          for (std::int64_t s = 0; s < w[1]; ++s) {
            const std::int64_t h = p * c.op.stride[0] - c.op.padding[0] + r * c.op.dilation[0];
            const std::int64_t v = q * c.op.stride[1] - c.op.padding[2] + s * c.op.dilation[1];
            if (h < 0 || h >= x[1] || v < 0 || v >= x[2]) continue;
            // Output channel k reads the w[2] channels of its group.
            for (std::int64_t i = 0; i < w[2]; ++i)
              for (std::int64_t k = 0; k < y[3]; ++k)
                visit(static_cast<std::size_t>(((n * x[1] + h) * x[2] + v) * x[3] +
                                               k / (y[3] / c.op.groups) * w[2] + i),
                      static_cast<std::size_t>(((r * w[1] + s) * w[2] + i) * w[3] + k),
                      static_cast<std::size_t>(((n * y[1] + p) * y[2] + q) * y[3] + k));
          }
}

void check_forward(const ConvCase& c) {
  const auto x = c.x.values<float>(), w = c.kernel.values<float>();
  std::vector<Sum> sums(c.y.values<float>().size());
  for_each_product(c, [&](auto i, auto j, auto k) { sums[k].add(double{x[i]} * w[j]); });
  for (const auto& result : run_every_way("onednn/conv2d", c.op, {c.x, c.kernel}))
    expect_near(result[0], sums);
}

void check_grad_data(const ConvCase& c) {
  const auto w = c.kernel.values<float>(), dy = c.y.values<float>();
  std::vector<Sum> sums(c.x.values<float>().size());
  for_each_product(c, [&](auto i, auto j, auto k) { sums[i].add(double{dy[k]} * w[j]); });
  const Conv2dGradData op = {
      c.op.stride, c.op.padding, {c.x.shape[1], c.x.shape[2]}, c.op.dilation, c.op.groups};
  for (const auto& result : run_every_way("onednn/conv2d_grad_data", op, {c.y, c.kernel}))
    expect_near(result[0], sums);
}

void check_grad_kernel(const ConvCase& c) {
  const auto x = c.x.values<float>(), dy = c.y.values<float>();
  std::vector<Sum> sums(c.kernel.values<float>().size());
  for_each_product(c, [&](auto i, auto j, auto k) { sums[j].add(double{x[i]} * dy[k]); });
  const Conv2dGradKernel op = {c.op.stride,
                               c.op.padding,
                               {c.kernel.shape[0], c.kernel.shape[1]},
                               c.op.dilation,
                               c.op.groups};
  for (const auto& result : run_every_way("onednn/conv2d_grad_kernel", op, {c.x, c.y}))
    expect_near(result[0], sums);
}

// With the bias and ReLU of its epilogue; b: [K].
void check_fused(const ConvCase& c) {
  Dice dice(3);
  const Tensor bias = dice.tensor({c.y.shape[3]});
  const auto x = c.x.values<float>(), w = c.kernel.values<float>(), b = bias.values<float>();
  std::vector<Sum> sums(c.y.values<float>().size());
  for (std::size_t k = 0; k < sums.size(); ++k) sums[k].add(b[k % b.size()]);
  for_each_product(c, [&](auto i, auto j, auto k) { sums[k].add(double{x[i]} * w[j]); });
  for (Sum& sum : sums) sum.value = std::max(sum.value, 0.0);
  const Fused op = {c.op, {BiasAdd{}, Relu{}}};
  for (const auto& result : run_every_way("onednn/fused", op, {c.x, c.kernel, bias}))
    expect_near(result[0], sums);
}

template <typename Check>
void check_random_cases(std::uint64_t first_seed, const Check& check, bool groups = false) {
  for (std::uint64_t seed = first_seed; seed < first_seed + 50; ++seed) {
    Dice dice(seed);
    const std::int64_t channels = seed % 5 == 0 ? 40 : 9;
    const ConvCase c = groups ? dilated_groups(dice, channels) : random_case(dice, channels);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", x " + to_string(c.x.shape) + ", kernel " +
                 to_string(c.kernel.shape) + ", y " + to_string(c.y.shape) + ", " +
                 std::to_string(c.op.groups) + " groups");
    check(c);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(OneDnnConv2d, ForwardIsTheSumOfItsProducts) { check_random_cases(100, check_forward); }
TEST(OneDnnConv2d, GradDataIsTheSumOfItsProducts) { check_random_cases(200, check_grad_data); }
TEST(OneDnnConv2d, GradKernelIsTheSumOfItsProducts) { check_random_cases(300, check_grad_kernel); }

TEST(OneDnnConv2d, OfDilatedGroupsForward) { check_random_cases(400, check_forward, true); }
TEST(OneDnnConv2d, OfDilatedGroupsGradData) { check_random_cases(500, check_grad_data, true); }
TEST(OneDnnConv2d, OfDilatedGroupsGradKernel) { check_random_cases(600, check_grad_kernel, true); }
TEST(OneDnnConv2d, OfDilatedGroupsWithItsEpilogue) { check_random_cases(700, check_fused, true); }

// Layers as wide as real ones, for which oneDNN packs the kernels of groups.
TEST(OneDnnConv2d, WideGroupsAreSumsOfTheirProductsToo) {
  Dice dice(4);
  for (const std::int64_t groups : {2, 4, 32, 64}) {
    ConvCase c;
    c.op.groups = groups;
    c.op.padding = {1, 1, 1, 1};
    c.x = dice.tensor({2, 7, 7, 64});
    c.kernel = dice.tensor({3, 3, 64 / groups, 64});
    c.y = dice.tensor({2, 7, 7, 64});
    SCOPED_TRACE(std::to_string(groups) + " groups");
    check_forward(c);
    check_grad_data(c);
    check_grad_kernel(c);
    check_fused(c);
  }
}

// The layers of the reference network at a small batch, where oneDNN takes its fastest kernels.
TEST(OneDnnConv2d, LayersOfTheReferenceNetwork) {
  Dice dice(1);
  const Conv2d same = {{1, 1}, {2, 2, 2, 2}};
  const ConvCase conv1 = {same, dice.tensor({2, 28, 28, 1}), dice.tensor({5, 5, 1, 32}),
                          dice.tensor({2, 28, 28, 32})};
  check_forward(conv1);
  check_grad_kernel(conv1);
  const ConvCase conv2 = {same, dice.tensor({2, 14, 14, 32}), dice.tensor({5, 5, 32, 64}),
                          dice.tensor({2, 14, 14, 64})};
  check_forward(conv2);
  check_grad_data(conv2);
  check_grad_kernel(conv2);
}

// oneDNN's issue 6035: the kernel gradient of a strided 1x1 convolution with few channels in NHWC.
TEST(OneDnnConv2d, StridedPointwiseGradientsOfFewChannels) {
  Dice dice(2);
  for (std::int64_t C = 1; C < 20; C += 3) {
    const ConvCase c = {{{2, 2}, {0, 0, 0, 0}},
                        dice.tensor({2, 9, 9, C}),
                        dice.tensor({1, 1, C, 16}),
                        dice.tensor({2, 5, 5, 16})};
    check_grad_kernel(c);
    check_grad_data(c);
  }
}

TEST(OneDnnConv2d, LeavesOtherTypesToOthers) {
  const Conv2d op;
  Call call = call_of(op, {Tensor(DType::f64, {1, 4, 4, 2}), Tensor(DType::f64, {3, 3, 2, 2})});
  EXPECT_FALSE(entry("onednn/conv2d/team").accepts(call));
  EXPECT_FALSE(entry("onednn/conv2d/lane").accepts(call));
  call = call_of(op, {Tensor(DType::f32, {1, 4, 4, 2}), Tensor(DType::f32, {3, 3, 2, 2})});
  call.inputs[0].shape[0] = kBatch;
  EXPECT_FALSE(entry("onednn/conv2d/lane").accepts(call));
}

}  // namespace
}  // namespace evenkeel::onednn_test
