// SPDX-License-Identifier: Apache-2.0
// oneDNN's max-pooling and its gradient against plain loops.
#include "tests/kernels/onednn/harness.h"

namespace evenkeel::onednn_test {
namespace {

struct Pooled {
  Tensor y, argmax;
  std::vector<std::size_t> source;  // of each y, its place in x
};

std::size_t place(const Shape& shape, std::int64_t n, std::int64_t h, std::int64_t w,
                  std::int64_t c) {
  return static_cast<std::size_t>(((n * shape[1] + h) * shape[2] + w) * shape[3] + c);
}

Pooled pool(const MaxPool2d& op, const Tensor& x) {
  const Shape shape = call_of(op, {x}).outputs[0].shape;
  Pooled result = {Tensor(DType::f32, shape), Tensor(DType::u8, shape), {}};
  const auto values = x.values<float>();
  for (std::int64_t n = 0; n < shape[0]; ++n)
    for (std::int64_t p = 0; p < shape[1]; ++p)
      for (std::int64_t q = 0; q < shape[2]; ++q)
        for (std::int64_t c = 0; c < shape[3]; ++c) {
          std::size_t best = values.size();
          std::uint8_t position = 0;
          for (std::int64_t r = 0; r < op.window[0]; ++r)
            for (std::int64_t s = 0; s < op.window[1]; ++s) {
              const std::int64_t h = p * op.stride[0] - op.padding[0] + r;
              const std::int64_t w = q * op.stride[1] - op.padding[2] + s;
              if (h < 0 || h >= x.shape[1] || w < 0 || w >= x.shape[2]) continue;
              const std::size_t i = place(x.shape, n, h, w, c);
              const bool first = best == values.size();
              if (!first && (std::isnan(values[best]) || values[i] <= values[best])) continue;
              best = i;
              position = static_cast<std::uint8_t>(r * op.window[1] + s);
            }
          result.y.values<float>()[result.source.size()] = values[best];
          result.argmax.values<std::uint8_t>()[result.source.size()] = position;
          result.source.push_back(best);
        }
  return result;
}

MaxPool2d random_op(Dice& dice) {
  MaxPool2d op;
  op.window = {dice.number(1, 4), dice.number(1, 4)};
  op.stride = {dice.number(1, 3), dice.number(1, 3)};
  for (std::size_t side = 0; side < 4; ++side)
    op.padding[side] = dice.number(0, op.window[side / 2] - 1);
  return op;
}

void expect_same_bytes(const MaxPool2d& op, const Tensor& x) {
  const Pooled expected = pool(op, x);
  for (const auto& result : run_every_way("onednn/max_pool2d", op, {x})) {
    EXPECT_EQ(std::memcmp(result[0].bytes.data(), expected.y.bytes.data(), result[0].bytes.size()),
              0);
    EXPECT_EQ(result[1], expected.argmax);
  }
}

// Values on a coarse grid, so that many windows hold their maximum twice.
Tensor with_ties(Tensor x) {
  for (float& value : x.values<float>()) value = std::round(value * 4);
  return x;
}

TEST(OneDnnMaxPool2d, FirstMaximumOfEachWindow) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Dice dice(seed);
    const MaxPool2d op = random_op(dice);
    const Tensor x = dice.tensor({dice.number(1, 3), dice.number(4, 12), dice.number(4, 12),
                                  dice.number(1, seed % 4 == 0 ? 40 : 9)});
    SCOPED_TRACE("seed " + std::to_string(seed) + ", x " + to_string(x.shape));
    expect_same_bytes(op, seed % 2 == 0 ? x : with_ties(x));
    if (HasFailure()) return;
  }
}

TEST(OneDnnMaxPool2d, NaNWinsAndLowestFloatsKeepTheirPlace) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> odd = {std::numeric_limits<float>::quiet_NaN(), -kInfinity, kInfinity,
                                  std::numeric_limits<float>::lowest()};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Dice dice(seed);
    const MaxPool2d op = random_op(dice);
    Tensor x = dice.tensor({2, 9, 9, 17});
    const auto values = x.values<float>();
    for (int i = 0; i < 1500; ++i)
      values[static_cast<std::size_t>(dice.number(0, 2 * 9 * 9 * 17 - 1))] = odd[i % 4];
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_same_bytes(op, x);
  }
}

TEST(OneDnnMaxPool2d, GradientGoesToTheMaximum) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Dice dice(seed);
    const MaxPool2d op = random_op(dice);
    const Tensor x = dice.tensor({dice.number(1, 3), dice.number(4, 12), dice.number(4, 12),
                                  dice.number(1, seed % 4 == 0 ? 40 : 9)});
    SCOPED_TRACE("seed " + std::to_string(seed) + ", x " + to_string(x.shape));
    const Pooled pooled = pool(op, x);
    const Tensor dy = dice.tensor(pooled.y.shape);
    std::vector<Sum> sums(x.values<float>().size());
    for (std::size_t i = 0; i < pooled.source.size(); ++i)
      sums[pooled.source[i]].add(dy.values<float>()[i]);
    const MaxPool2dGrad grad = {op.window, op.stride, op.padding, {x.shape[1], x.shape[2]}};
    for (const auto& result : run_every_way("onednn/max_pool2d_grad", grad, {dy, pooled.argmax}))
      expect_near(result[0], sums);
    if (HasFailure()) return;
  }
}

// Whose places do not fit into a byte.
TEST(OneDnnMaxPool2d, LeavesLargeWindowsToOthers) {
  const Tensor x(DType::f32, {1, 20, 30, 2});
  const Call call = call_of(MaxPool2d{{20, 15}, {20, 15}}, {x});
  ASSERT_EQ(call.outputs[1].dtype, DType::i32);
  EXPECT_FALSE(entry("onednn/max_pool2d/lane").accepts(call));
  const Call grad = {MaxPool2dGrad{{20, 15}, {20, 15}, {}, {20, 30}}, call.outputs, call.inputs};
  EXPECT_FALSE(entry("onednn/max_pool2d_grad/lane").accepts(grad));
}

}  // namespace
}  // namespace evenkeel::onednn_test
