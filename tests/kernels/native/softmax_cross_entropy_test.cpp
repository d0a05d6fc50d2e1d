// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeSoftmax : public NativeKernels {
 protected:
  Tensor labels(std::int64_t N, std::int64_t low, std::int64_t high) {
    Tensor result(DType::i32, {N});
    for (std::int32_t& label : result.values<std::int32_t>())
      label = static_cast<std::int32_t>(between(low, high));
    return result;
  }
};

TEST_P(NativeSoftmax, Probabilities) {
  const Tensor z = normal({between(1, 40), between(1, 40)}, 0, 20);
  const auto exact = run_reference_in_double(Softmax{}, {z});
  const auto p = exact[0].values<double>();
  expect_near(run_native(Softmax{}, {z})[0], exact[0],
              [&](std::size_t i) { return 3 * kUnit * p[i] + 1e-44; });
}

TEST_P(NativeSoftmax, CrossEntropy) {
  const std::int64_t N = between(1, 140);
  const std::int64_t K = between(1, 40);
  const Tensor z = normal({N, K}, 100, 20);
  const std::vector<Tensor> inputs = {z, labels(N, 0, K - 1)};
  const auto native = run_native(SoftmaxCrossEntropy{}, inputs);
  const auto exact = run_reference_in_double(SoftmaxCrossEntropy{}, inputs);
  const auto loss = exact[0].values<double>();
  expect_near(native[0], exact[0],
              [&](std::size_t i) { return 2 * kUnit * std::abs(loss[i]) + 1e-13; });
  EXPECT_EQ(native[1], exact[1]);
  expect_near(native[2], exact[2], [](std::size_t) { return 4 * kUnit; });
}

TEST_P(NativeSoftmax, OddRows) {
  const std::int64_t N = 60;
  Tensor z = with_specials(normal({N, 10}), 12);
  const auto values = z.values<float>();
  std::fill_n(values.begin(), 10, 1.0F);  // the first of equals wins
  const std::vector<Tensor> inputs = {z, labels(N, -1, 10)};
  const auto native = run_native(SoftmaxCrossEntropy{}, inputs);
  const auto reference = run_reference(SoftmaxCrossEntropy{}, inputs);
  EXPECT_EQ(native[1], reference[1]);
  for (std::size_t output : {0U, 2U}) {
    const auto a = native[output].values<float>();
    const auto b = reference[output].values<float>();
    for (std::size_t i = 0; i < a.size(); ++i)
      ASSERT_TRUE(a[i] == b[i] || std::abs(a[i] - b[i]) <= 8 * kUnit * (1 + std::abs(b[i])) ||
                  (std::isnan(a[i]) && std::isnan(b[i])))
          << a[i] << " for " << b[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeSoftmax, ::testing::Range(1, 9));

}  // namespace
}  // namespace evenkeel::native_test
