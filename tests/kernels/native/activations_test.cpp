// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeActivations : public NativeKernels {
 protected:
  // Some larger than one block of 16384, some of one element.
  Shape any_shape() {
    const std::int64_t kind = between(0, 5);
    if (kind == 0) return {between(1, 900), between(60, 70)};
    if (kind == 1) return {1};
    return random_shape();
  }
  void expect_reference(const Op& op, const std::vector<Tensor>& inputs) {
    expect_same(run_native(op, inputs), run_reference(op, inputs));
  }
};

TEST_P(NativeActivations, GiveTheReferencesBytesWhereNothingIsApproximated) {
  const Tensor x = with_specials(normal(any_shape(), 1, 5));
  expect_reference(LeakyRelu{0.3}, {x});
  expect_reference(LeakyRelu{0}, {x});
  expect_reference(Relu6{}, {x});
}

TEST_P(NativeActivations, GradientsGiveTheReferencesBytes) {
  const Shape shape = any_shape();
  const Tensor dy = with_specials(normal(shape));
  const Tensor y = with_specials(normal(shape, 1, 4));
  for (const Op& op : {Op(LeakyReluGrad{0.3}), Op(Relu6Grad{}), Op(SigmoidGrad{}), Op(TanhGrad{})})
    expect_reference(op, {dy, y});
}

// What exp-inl.h promises; a float's own rounding is one unit of these eight.
TEST_P(NativeActivations, SigmoidAndTanhAreWithinEightHalfUnits) {
  for (const double spread : {0.1, 3.0, 40.0}) {
    const Tensor x = normal({between(1, 20000)}, 0, spread);
    for (const Op& op : {Op(Sigmoid{}), Op(Tanh{})}) {
      const auto exact = run_reference_in_double(op, {x});
      const auto y = exact[0].values<double>();
      expect_near(run_native(op, {x})[0], exact[0],
                  [&](std::size_t i) { return 8 * kUnit * std::abs(y[i]) + 1.2e-38; });
    }
  }
}

TEST_P(NativeActivations, SigmoidAndTanhOfOddNumbers) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::of(
      {10}, std::vector<float>{0, -0.0F, inf, -inf, std::nanf(""), 1e-40F, 3e38F, -3e38F, 88, -88});
  const auto sigmoid = run_native(Sigmoid{}, {x})[0];
  const auto s = sigmoid.values<float>();
  EXPECT_EQ(s[0], 0.5F);
  EXPECT_EQ(s[1], 0.5F);
  EXPECT_EQ(s[2], 1);
  EXPECT_EQ(s[3], 0);
  EXPECT_TRUE(std::isnan(s[4]));
  EXPECT_EQ(s[5], 0.5F);
  EXPECT_EQ(s[6], 1);
  EXPECT_EQ(s[7], 0);
  EXPECT_EQ(s[8], 1);
  EXPECT_NEAR(s[9], 0, 1e-37);
  const auto tanh = run_native(Tanh{}, {x})[0];
  const auto t = tanh.values<float>();
  EXPECT_EQ(t[0], 0);
  EXPECT_TRUE(std::signbit(t[1]));
  EXPECT_EQ(t[2], 1);
  EXPECT_EQ(t[3], -1);
  EXPECT_TRUE(std::isnan(t[4]));
  EXPECT_EQ(t[5], 1e-40F);
  EXPECT_EQ(t[6], 1);
  EXPECT_EQ(t[7], -1);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeActivations, ::testing::Range(1, 9));

}  // namespace
}  // namespace evenkeel::native_test
