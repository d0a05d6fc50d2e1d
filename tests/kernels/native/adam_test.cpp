// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeAdam : public NativeKernels {
 protected:
  std::vector<Tensor> state(const Shape& shape) {
    Tensor v = normal(shape);
    for (float& value : v.values<float>()) value *= value;
    return {normal(shape),
            normal(shape),
            v,
            normal(shape),
            constant_f64({}, 1e-3),
            Tensor::of({}, std::vector<std::int64_t>{between(0, 2000)})};
  }
};

TEST_P(NativeAdam, TensorflowFormGivesTheReferencesBytes) {
  std::vector<Tensor> inputs = state({between(1, 60000)});
  inputs[3] = with_specials(inputs[3], 1000);
  inputs[2] = with_specials(inputs[2], 1000);
  const AdamUpdate op;
  expect_same(run_native(op, inputs), run_reference(op, inputs));
}

TEST_P(NativeAdam, PytorchForm) {
  const std::vector<Tensor> inputs = state({between(1, 40000)});
  AdamUpdate op;
  op.form = AdamForm::pytorch;
  const auto native = run_native(op, inputs);
  const auto exact = run_reference_in_double(op, inputs);
  const auto p = exact[0].values<double>();
  const auto old_p = inputs[0].values<float>();
  const auto m = inputs[1].values<float>();
  const auto g = inputs[3].values<float>();
  // The new m rounds five times relative to its terms, of which p's change is a multiple.
  const auto moments = [&](std::size_t i) { return 5 * kUnit * (std::abs(m[i]) + std::abs(g[i])); };
  expect_near(native[1], exact[1], moments);
  const auto new_m = exact[1].values<double>();
  expect_near(native[0], exact[0], [&](std::size_t i) {
    const double change = std::abs(p[i] - old_p[i]);
    const double rate = std::abs(new_m[i]) > 0 ? change / std::abs(new_m[i]) : 0;
    return kUnit * std::abs(p[i]) + 10 * kUnit * change + rate * moments(i);
  });
}

TEST_P(NativeAdam, CountsGradientsThatAreNotFinite) {
  std::vector<Tensor> inputs = state({2 * AdamUpdate::kBlock + between(1, 40)});
  const auto g = inputs[3].values<float>();
  g[0] = std::numeric_limits<float>::infinity();
  g[AdamUpdate::kBlock - 1] = -std::numeric_limits<float>::infinity();
  g.back() = std::numeric_limits<float>::quiet_NaN();
  g[AdamUpdate::kBlock] = std::numeric_limits<float>::max();
  const auto outputs = run_native(AdamUpdate{}, inputs);
  EXPECT_EQ(outputs[3], Tensor::of({3}, std::vector<std::int32_t>{2, 0, 1}));
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeAdam, ::testing::Range(1, 7));

}  // namespace
}  // namespace evenkeel::native_test
