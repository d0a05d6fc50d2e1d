// SPDX-License-Identifier: Apache-2.0
// oneDNN's matrix product and fused epilogues against plain loops in double.
#include "tests/kernels/onednn/harness.h"

namespace evenkeel::onednn_test {
namespace {

// M, C, K of one product.
struct Extents {
  std::int64_t M, C, K;
};

Tensor matrix(Dice& dice, std::int64_t rows, std::int64_t columns, bool transposed) {
  return dice.tensor(transposed ? Shape{columns, rows} : Shape{rows, columns});
}

std::vector<Sum> exact_product(const Extents& e, const MatMul& op, const Tensor& a,
                               const Tensor& b) {
  const auto av = a.values<float>(), bv = b.values<float>();
  std::vector<Sum> sums(static_cast<std::size_t>(e.M * e.K));
  for (std::int64_t m = 0; m < e.M; ++m)
    for (std::int64_t k = 0; k < e.K; ++k)
      for (std::int64_t c = 0; c < e.C; ++c) {
        const auto i = static_cast<std::size_t>(op.transpose_a ? c * e.M + m : m * e.C + c);
        const auto j = static_cast<std::size_t>(op.transpose_b ? k * e.C + c : c * e.K + k);
        sums[static_cast<std::size_t>(m * e.K + k)].add(double{av[i]} * bv[j]);
      }
  return sums;
}

void check(Dice& dice, const Extents& e, const MatMul& op) {
  SCOPED_TRACE(std::to_string(e.M) + "x" + std::to_string(e.C) + "x" + std::to_string(e.K) +
               (op.transpose_a ? " a'" : "") + (op.transpose_b ? " b'" : ""));
  const Tensor a = matrix(dice, e.M, e.C, op.transpose_a);
  const Tensor b = matrix(dice, e.C, e.K, op.transpose_b);
  const std::vector<Sum> sums = exact_product(e, op, a, b);
  for (const auto& result : run_every_way("onednn/matmul", op, {a, b}))
    expect_near(result[0], sums);
}

constexpr std::array<MatMul, 4> kTransposes = {MatMul{false, false}, MatMul{false, true},
                                               MatMul{true, false}, MatMul{true, true}};

TEST(OneDnnMatMul, IsTheSumOfItsProducts) {
  for (const MatMul& op : kTransposes)
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      Dice dice(seed);
      check(dice, {dice.number(1, 40), dice.number(1, 70), dice.number(1, 40)}, op);
      if (HasFailure()) return;
    }
}

TEST(OneDnnMatMul, LayersOfTheReferenceNetwork) {
  Dice dice(3);
  for (const MatMul& op : kTransposes) check(dice, {16, 3136, 64}, op);
  for (const MatMul& op : kTransposes) check(dice, {128, 1024, 10}, op);
}

// ReLU and bias of sums whose order does not matter where the sign is clear.
void check_epilogue(const Tensor& result, std::vector<Sum> sums, const Tensor* bias, bool relu) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (bias != nullptr) sums[i].add(bias->values<float>()[i % bias->values<float>().size()]);
    if (relu) sums[i].value = std::max(sums[i].value, 0.0);
  }
  expect_near(result, sums);
}

TEST(OneDnnFused, MatMulWithEachEpilogue) {
  Dice dice(4);
  const Extents e = {7, 19, 21};
  for (const MatMul& core : kTransposes) {
    const Tensor a = matrix(dice, e.M, e.C, core.transpose_a);
    const Tensor b = matrix(dice, e.C, e.K, core.transpose_b);
    const Tensor bias = dice.tensor({e.K});
    const std::vector<Sum> sums = exact_product(e, core, a, b);
    for (const auto& y : run_every_way("onednn/fused", Fused{core, {BiasAdd{}}}, {a, b, bias}))
      check_epilogue(y[0], sums, &bias, false);
    for (const auto& y :
         run_every_way("onednn/fused", Fused{core, {BiasAdd{}, Relu{}}}, {a, b, bias}))
      check_epilogue(y[0], sums, &bias, true);
    for (const auto& y : run_every_way("onednn/fused", Fused{core, {Relu{}}}, {a, b}))
      check_epilogue(y[0], sums, nullptr, true);
  }
}

// Against the unfused convolution, which has its own test; wide and narrow take different kernels.
TEST(OneDnnFused, ConvolutionWithEachEpilogue) {
  Dice dice(5);
  for (const Shape& kernel : {Shape{5, 5, 1, 32}, Shape{5, 5, 32, 64}, Shape{3, 3, 3, 7}}) {
    SCOPED_TRACE(to_string(kernel));
    const Conv2d core = {{1, 1}, {2, 2, 2, 2}};
    const Tensor x = dice.tensor({2, 9, 9, kernel[2]}), w = dice.tensor(kernel);
    const Tensor bias = dice.tensor({kernel[3]});
    const Call call = call_of(core, {x, w});
    const Tensor y = run_dense(Made(entry("onednn/conv2d/lane"), call), call, {x, w})[0];
    std::vector<Sum> sums;  // magnitude: at most 800 products of numbers below 1
    for (const float value : y.values<float>()) sums.push_back({value, 800, 8});
    for (const auto& z : run_every_way("onednn/fused", Fused{core, {BiasAdd{}}}, {x, w, bias}))
      check_epilogue(z[0], sums, &bias, false);
    for (const auto& z :
         run_every_way("onednn/fused", Fused{core, {BiasAdd{}, Relu{}}}, {x, w, bias}))
      check_epilogue(z[0], sums, &bias, true);
    for (const auto& z : run_every_way("onednn/fused", Fused{core, {Relu{}}}, {x, w}))
      check_epilogue(z[0], sums, nullptr, true);
  }
}

// A ReLU that made NaN into 0 would hide a diverged run from the step's guard.
TEST(OneDnnFused, ReluKeepsNaN) {
  Dice dice(6);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::int64_t C : {1, 32}) {
    Tensor x = dice.tensor({1, 8, 8, C});
    x.values<float>()[0] = nan;
    const std::vector<Tensor> inputs = {x, dice.tensor({1, 1, C, 32}), dice.tensor({32})};
    for (const auto& y :
         run_every_way("onednn/fused", Fused{Conv2d{}, {BiasAdd{}, Relu{}}}, inputs))
      for (std::size_t k = 0; k < 32; ++k) EXPECT_TRUE(std::isnan(y[0].values<float>()[k]));
  }
  Tensor a = dice.tensor({3, 16});
  a.values<float>()[0] = nan;
  for (const auto& y : run_every_way("onednn/fused", Fused{MatMul{}, {BiasAdd{}, Relu{}}},
                                     {a, dice.tensor({16, 10}), dice.tensor({10})}))
    for (std::size_t k = 0; k < 10; ++k) EXPECT_TRUE(std::isnan(y[0].values<float>()[k]));
}

TEST(OneDnnFused, LeavesOtherEpiloguesToOthers) {
  const std::vector<Tensor> inputs = {Tensor(DType::f32, {2, 3}), Tensor(DType::f32, {3, 4}),
                                      Tensor(DType::f32, {4})};
  const Call call = call_of(Fused{MatMul{}, {Relu{}, BiasAdd{}}}, inputs);
  EXPECT_FALSE(entry("onednn/fused/team").accepts(call));
  EXPECT_FALSE(entry("onednn/fused/lane").accepts(call));
}

}  // namespace
}  // namespace evenkeel::onednn_test
