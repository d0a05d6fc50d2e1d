// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeLosses : public NativeKernels {
 protected:
  Tensor labels(std::int64_t low, std::int64_t high) {
    Tensor result(DType::i32, {N});
    for (std::int32_t& label : result.values<std::int32_t>())
      label = static_cast<std::int32_t>(between(low, high));
    return result;
  }
  Tensor targets() {
    Tensor result(DType::f32, {N, K});
    for (float& target : result.values<float>()) target = static_cast<float>(between(0, 4)) / 4;
    return result;
  }
  // Labels, one in a while outside, and targets.
  std::vector<Tensor> both() { return {labels(-1, K), targets()}; }

  const std::int64_t N = between(1, 140);
  const std::int64_t K = between(0, 2) == 0 ? 1 : between(1, 40);
};

// Each is one formula in double of a float's bytes, rounded once: |loss| and |dz| to a unit, and
// as many of double's units as there are terms.
TEST_P(NativeLosses, AreThoseOfTheReference) {
  const Tensor z = normal({N, K}, 0, 20);
  for (const Tensor& given : both())
    for (const Op& op : {Op(SigmoidCrossEntropy{}), Op(MeanSquaredError{})}) {
      const auto native = run_native(op, {z, given});
      const auto exact = run_reference_in_double(op, {z, given});
      EXPECT_EQ(native[1], exact[1]);
      for (const std::size_t output : {0U, 2U}) {
        const auto value = exact[output].values<double>();
        expect_near(native[output], exact[output],
                    [&](std::size_t i) { return 1.01 * kUnit * std::abs(value[i]) + 1e-13; });
      }
    }
}

TEST_P(NativeLosses, OfOddRowsToo) {
  const Tensor z = with_specials(normal({N, K}), 12);
  for (const Tensor& given : both())
    for (const Op& op : {Op(SigmoidCrossEntropy{}), Op(MeanSquaredError{})}) {
      const auto native = run_native(op, {z, given});
      const auto reference = run_reference(op, {z, given});
      EXPECT_EQ(native[1], reference[1]);
      for (const std::size_t output : {0U, 2U}) {
        const auto a = native[output].values<float>();
        const auto b = reference[output].values<float>();
        for (std::size_t i = 0; i < a.size(); ++i)
          ASSERT_TRUE(a[i] == b[i] || std::abs(a[i] - b[i]) <= 4 * kUnit * std::abs(b[i]) + 1e-13 ||
                      (std::isnan(a[i]) && std::isnan(b[i])))
              << a[i] << " for " << b[i];
      }
    }
}

TEST_P(NativeLosses, InTopKIsTheReferences) {
  Tensor z(DType::f32, {N, K});  // of few digits, so that there are equals
  for (float& value : z.values<float>()) value = static_cast<float>(between(-5, 5));
  const InTopK op = {between(1, 8)};
  for (const Tensor& given : both()) {
    const Tensor odd = with_specials(z);
    expect_same(run_native(op, {odd, given}), run_reference(op, {odd, given}));
  }
}

// The loss adds K terms of either sign in double; dz rounds its exponential, the product and the
// difference.
TEST_P(NativeLosses, SoftmaxCrossEntropyOfTargets) {
  const Tensor z = normal({N, K}, 100, 20);
  const Tensor t = targets();
  const auto native = run_native(SoftmaxCrossEntropy{}, {z, t});
  const auto exact = run_reference_in_double(SoftmaxCrossEntropy{}, {z, t});
  const auto loss = exact[0].values<double>();
  expect_near(native[0], exact[0],
              [&](std::size_t i) { return 2 * kUnit * std::abs(loss[i]) + 1e-10; });
  EXPECT_EQ(native[1], exact[1]);
  expect_near(native[2], exact[2],
              [&](std::size_t) { return 4 * kUnit * static_cast<double>(K + 1); });
}

TEST_P(NativeLosses, SoftmaxCrossEntropyOfOddTargets) {
  const Tensor z = with_specials(normal({N, K}), 30);
  Tensor t = targets();
  for (float& target : t.values<float>())
    if (between(1, 60) == 1) target = std::numeric_limits<float>::quiet_NaN();
  const auto native = run_native(SoftmaxCrossEntropy{}, {z, t});
  const auto reference = run_reference(SoftmaxCrossEntropy{}, {z, t});
  EXPECT_EQ(native[1], reference[1]);
  for (const std::size_t output : {0U, 2U}) {
    const auto a = native[output].values<float>();
    const auto b = reference[output].values<float>();
    for (std::size_t i = 0; i < a.size(); ++i)
      ASSERT_TRUE(a[i] == b[i] ||
                  std::abs(a[i] - b[i]) <=
                      8 * kUnit * (1 + std::abs(b[i])) * static_cast<double>(K + 1) ||
                  (std::isnan(a[i]) && std::isnan(b[i])))
          << a[i] << " for " << b[i] << " in output " << output;
  }
}

TEST_P(NativeLosses, SoftmaxGradGivesTheReferencesBytes) {
  const Tensor dy = with_specials(normal({N, K}), 30);
  const Tensor y = with_specials(normal({N, K}), 60);
  expect_same(run_native(SoftmaxGrad{}, {dy, y}), run_reference(SoftmaxGrad{}, {dy, y}));
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeLosses, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
