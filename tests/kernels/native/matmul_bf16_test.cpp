// SPDX-License-Identifier: Apache-2.0
// Products of few rows whose b is in bf16: exact products of what b was rounded to, so that their
// tolerance is that of NativeMatMul.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

Tensor narrowed(const Tensor& tensor) { return run_reference(Cast{DType::bf16}, {tensor})[0]; }
Tensor widened_again(const Tensor& tensor) { return run_reference(Cast{}, {tensor})[0]; }
Tensor sizes_of(Tensor tensor) {
  for (float& value : tensor.values<float>()) value = std::abs(value);
  return tensor;
}

class NativeNarrowMatMul : public NativeKernels {
 protected:
  NativeNarrowMatMul()
      : M(between(1, 7)),
        C(between(1, 300)),
        K(between(1, 150)),
        a(normal({M, C})),
        b(narrowed(normal({C, K}))),
        bias(normal({K})) {}

  // Of the op on (a, b, ...), which holds a MatMul.
  void expect_exact(const Op& op, const std::vector<Tensor>& inputs) {
    const Tensor exact = run_reference_in_double(op, inputs)[0];
    const Tensor most =
        run_reference_in_double(MatMul{}, {sizes_of(a), sizes_of(widened_again(b))})[0];
    const double roundings = static_cast<double>(C + 3) * kUnit;
    for (const Tensor& y : run_native_by_target(op, inputs))
      expect_near(y, exact, [&](std::size_t i) {
        const double of_bias = std::abs(bias.values<float>()[i % static_cast<std::size_t>(K)]);
        return roundings * (most.values<double>()[i] + of_bias);
      });
  }

  std::int64_t M, C, K;
  Tensor a, b, bias;
};

TEST_P(NativeNarrowMatMul, OfAnyShapeAndEpilogue) {
  EXPECT_EQ(entry_for(native_kernels(), call_of(MatMul{}, {a, b})).name,
            "native/matmul/few_rows_bf16");
  expect_exact(MatMul{}, {a, b});
  expect_exact(Fused{MatMul{}, {BiasAdd{}}}, {a, b, bias});
  expect_exact(Fused{MatMul{}, {Relu{}}}, {a, b});
  expect_exact(Fused{MatMul{}, {BiasAdd{}, Relu{}}}, {a, b, bias});
}

// The sums are those of the kernel in f32, in its order.
TEST_P(NativeNarrowMatMul, GivesTheBytesOfTheSameNumbersInF32) {
  const auto narrow = run_native_by_target(MatMul{}, {a, b});
  const auto wide = run_native_by_target(MatMul{}, {a, widened_again(b)});
  for (std::size_t set = 0; set < narrow.size(); ++set) expect_same({narrow[set]}, {wide[set]});
}

TEST_P(NativeNarrowMatMul, NaNAndInfinityGoWhereTheyMust) {
  a = with_specials(a, 100);
  b = narrowed(with_specials(widened_again(b), 100));
  const Tensor exact = run_reference_in_double(MatMul{}, {a, b})[0];
  for (const Tensor& y : run_native_by_target(MatMul{}, {a, b}))
    for (std::size_t i = 0; i < y.values<float>().size(); ++i)
      ASSERT_EQ(std::isfinite(y.values<float>()[i]), std::isfinite(exact.values<double>()[i]));
}

TEST_P(NativeNarrowMatMul, LeavesOthersToOthers) {
  const auto refused = [](const Op& op, const std::vector<Tensor>& inputs) {
    EXPECT_THROW(entry_for(native_kernels(), call_of(op, inputs)), RuntimeFailure);
  };
  refused(MatMul{false, true}, {a, narrowed(normal({K, C}))});
  refused(MatMul{true, false}, {normal({C, M}), b});
  refused(MatMul{}, {normal({8, C}), b});
  refused(MatMul{}, {narrowed(a), b});
  refused(Fused{MatMul{}, {Relu{}, BiasAdd{}}}, {a, b, bias});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeNarrowMatMul, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
