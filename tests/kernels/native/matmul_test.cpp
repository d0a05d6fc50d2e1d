// SPDX-License-Identifier: Apache-2.0
// Tolerance: a sum of C products has at most C + 2 roundings of the sum of absolute products.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeMatMul : public NativeKernels {
 protected:
  struct Case {
    std::int64_t M, C, K;
    MatMul op;
    Tensor a, b, bias;
  };
  Case draw(std::int64_t M, std::int64_t C, std::int64_t K) {
    Case drawn = {M, C, K, {between(0, 1) == 1, between(0, 1) == 1}, {}, {}, normal({K})};
    drawn.a = normal(drawn.op.transpose_a ? Shape{C, M} : Shape{M, C});
    drawn.b = normal(drawn.op.transpose_b ? Shape{K, C} : Shape{C, K});
    return drawn;
  }
  static Tensor absolute(Tensor tensor) {
    for (float& value : tensor.values<float>()) value = std::abs(value);
    return tensor;
  }
  static void expect_exact(const Op& op, const Case& of, const std::vector<Tensor>& inputs) {
    const Tensor exact = run_reference_in_double(op, inputs)[0];
    const Tensor most = run_reference_in_double(of.op, {absolute(of.a), absolute(of.b)})[0];
    const double roundings = static_cast<double>(of.C + 3) * kUnit;
    for (const Tensor& y : run_native_by_target(op, inputs))
      expect_near(y, exact, [&](std::size_t i) {
        const double bias = std::abs(of.bias.values<float>()[i % of.bias.values<float>().size()]);
        return roundings * (most.values<double>()[i] + bias);
      });
  }
};

TEST_P(NativeMatMul, OfAnyShapeAndTransposition) {
  const Case c = draw(between(8, 70), between(1, 90), between(1, 150));
  SCOPED_TRACE(std::to_string(c.M) + "x" + std::to_string(c.C) + "x" + std::to_string(c.K));
  expect_exact(c.op, c, {c.a, c.b});
}

// More than one block of rows, of the sum and of columns.
TEST_P(NativeMatMul, OfSeveralBlocks) {
  const Case c = draw(between(190, 400), between(250, 700), between(60, 140));
  expect_exact(c.op, c, {c.a, c.b});
}

TEST_P(NativeMatMul, WithBiasAndRelu) {
  for (const std::int64_t C : {between(1, 90), between(250, 600)}) {
    const Case c = draw(between(8, 40), C, between(1, 150));
    expect_exact(Fused{c.op, {BiasAdd{}}}, c, {c.a, c.b, c.bias});
    expect_exact(Fused{c.op, {Relu{}}}, c, {c.a, c.b});
    expect_exact(Fused{c.op, {BiasAdd{}, Relu{}}}, c, {c.a, c.b, c.bias});
  }
}

TEST_P(NativeMatMul, NaNAndInfinityGoWhereTheyMust) {
  Case c = draw(between(8, 20), between(1, 300), between(1, 40));
  c.op = {};
  c.a = normal({c.M, c.C});
  c.b = normal({c.C, c.K});
  const std::int64_t row = between(0, c.M - 1);
  c.a.values<float>()[static_cast<std::size_t>(row * c.C)] =
      between(0, 1) == 0 ? std::numeric_limits<float>::quiet_NaN()
                         : std::numeric_limits<float>::infinity();
  const Tensor exact = run_reference_in_double(c.op, {c.a, c.b})[0];
  for (const Tensor& y : run_native_by_target(c.op, {c.a, c.b}))
    for (std::size_t i = 0; i < y.values<float>().size(); ++i)
      ASSERT_EQ(std::isfinite(y.values<float>()[i]), std::isfinite(exact.values<double>()[i]));
  for (const Tensor& y : run_native_by_target(Fused{c.op, {Relu{}}}, {c.a, c.b}))
    for (std::size_t i = 0; i < y.values<float>().size(); ++i)
      ASSERT_EQ(std::isnan(y.values<float>()[i]), std::isnan(exact.values<double>()[i]));
}

TEST_P(NativeMatMul, OfFewRows) {
  Case c = draw(between(1, 7), between(1, 300), between(1, 150));
  c.op = {};
  c.a = normal({c.M, c.C});
  c.b = normal({c.C, c.K});
  EXPECT_EQ(entry_for(native_kernels(), call_of(c.op, {c.a, c.b})).name, "native/matmul/few_rows");
  expect_exact(c.op, c, {c.a, c.b});
  expect_exact(Fused{c.op, {BiasAdd{}}}, c, {c.a, c.b, c.bias});
  expect_exact(Fused{c.op, {Relu{}}}, c, {c.a, c.b});
  expect_exact(Fused{c.op, {BiasAdd{}, Relu{}}}, c, {c.a, c.b, c.bias});
}

TEST_P(NativeMatMul, OfFewColumns) {
  for (const std::int64_t C : {between(1, 20), between(20, 300), between(300, 700)}) {
    Case c = draw(between(8, 100), C, between(1, 16));
    c.op = {between(0, 1) == 1, false};
    c.a = normal(c.op.transpose_a ? Shape{c.C, c.M} : Shape{c.M, c.C});
    c.b = normal({c.C, c.K});
    SCOPED_TRACE(std::to_string(c.M) + "x" + std::to_string(c.C) + "x" + std::to_string(c.K));
    EXPECT_EQ(entry_for(native_kernels(), call_of(c.op, {c.a, c.b})).name, "native/matmul/narrow");
    expect_exact(c.op, c, {c.a, c.b});
    expect_exact(Fused{c.op, {BiasAdd{}}}, c, {c.a, c.b, c.bias});
    expect_exact(Fused{c.op, {Relu{}}}, c, {c.a, c.b});
    expect_exact(Fused{c.op, {BiasAdd{}, Relu{}}}, c, {c.a, c.b, c.bias});
  }
}

// The vectors that a row of b ends in go on into the next row.
TEST_P(NativeMatMul, ANaNOfFewColumnsStaysInItsOwn) {
  Case c = draw(between(8, 40), between(2, 300), between(2, 16));
  c.op = {};
  c.a = normal({c.M, c.C});
  c.b = normal({c.C, c.K});
  const std::int64_t column = between(0, c.K - 1);
  for (std::int64_t i = column; i < c.C * c.K; i += c.K)
    c.b.values<float>()[static_cast<std::size_t>(i)] = std::numeric_limits<float>::quiet_NaN();
  for (const Op& op : {Op{c.op}, Op{Fused{c.op, {Relu{}}}}})
    for (const Tensor& y : run_native_by_target(op, {c.a, c.b}))
      for (std::int64_t i = 0; i < c.M * c.K; ++i)
        ASSERT_EQ(std::isnan(y.values<float>()[static_cast<std::size_t>(i)]), i % c.K == column);
}

TEST_P(NativeMatMul, LeavesFewTransposedRowsToOthers) {
  const MatMul op = {between(0, 1) == 1, true};
  const std::int64_t M = between(1, 7);
  const Tensor a = normal(op.transpose_a ? Shape{5, M} : Shape{M, 5});
  EXPECT_THROW(entry_for(native_kernels(), call_of(op, {a, normal({9, 5})})), RuntimeFailure);
}

TEST_P(NativeMatMul, LeavesOtherEpiloguesToOthers) {
  const Case c = draw(10, 5, 7);
  const Call call = call_of(Fused{c.op, {Relu{}, BiasAdd{}}}, {c.a, c.b, c.bias});
  EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeMatMul, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
