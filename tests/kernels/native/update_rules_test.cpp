// SPDX-License-Identifier: Apache-2.0
// SGD, RMSprop, Adagrad, Adam with its decays, and clipping.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeUpdateRules : public NativeKernels {
 protected:
  Tensor squared(Tensor tensor) {
    for (float& value : tensor.values<float>()) value *= value;
    return tensor;
  }
  Tensor rate() { return constant_f64({}, 0.013); }
  void expect_reference(const Op& op, const std::vector<Tensor>& inputs) {
    expect_same(run_native(op, inputs), run_reference(op, inputs));
  }
  const Shape shape_ = {between(0, 3) == 0 ? 1 : between(1, 60000)};
  const Tensor p_ = with_specials(normal(shape_), 2000);
  const Tensor s_ = with_specials(squared(normal(shape_)), 2000);
  const Tensor v_ = normal(shape_);
  const Tensor g_ = with_specials(normal(shape_), 1000);
};

TEST_P(NativeUpdateRules, SgdGivesTheReferencesBytes) {
  for (const double l2 : {0.0, 0.01}) {
    expect_reference(SgdUpdate{0, false, l2}, {p_, g_, rate()});
    expect_reference(SgdUpdate{0.9, false, l2}, {p_, v_, g_, rate()});
    expect_reference(SgdUpdate{0.9, true, l2}, {p_, v_, g_, rate()});
  }
}

TEST_P(NativeUpdateRules, RmspropGivesTheReferencesBytes) {
  for (const double l2 : {0.0, 0.01}) {
    expect_reference(RmspropUpdate{0.9, 1e-8, 0, l2}, {p_, s_, g_, rate()});
    expect_reference(RmspropUpdate{0.9, 1e-8, 0.8, l2}, {p_, s_, v_, g_, rate()});
  }
}

TEST_P(NativeUpdateRules, AdagradGivesTheReferencesBytes) {
  for (const double l2 : {0.0, 0.01, 1e-60})
    expect_reference(AdagradUpdate{1e-10, l2}, {p_, s_, g_, rate()});
}

TEST_P(NativeUpdateRules, AdamWithDecaysGivesTheReferencesBytes) {
  const Tensor step = Tensor::of({}, std::vector<std::int64_t>{between(0, 2000)});
  const std::vector<Tensor> inputs = {p_, v_, s_, g_, rate(), step};
  const AdamForm form = AdamForm::tensorflow;
  expect_reference(AdamUpdate{0.9, 0.999, 1e-8, form, 0.01, 0}, inputs);
  expect_reference(AdamUpdate{0.9, 0.999, 1e-8, form, 0, 0.01}, inputs);
  expect_reference(AdamUpdate{0.9, 0.999, 1e-8, form, 0.01, 0.02}, inputs);
  // Too small to change a float: as without.
  expect_reference(AdamUpdate{0.9, 0.999, 1e-8, form, 1e-60, 1e-60}, inputs);
}

// Every block's count of gradients that are not finite.
TEST_P(NativeUpdateRules, CountByBlocks) {
  const std::int64_t block = SgdUpdate::kBlock;
  const Shape shape = {2 * block + between(1, 40)};
  Tensor g = normal(shape);
  const auto values = g.values<float>();
  values[0] = std::numeric_limits<float>::infinity();
  values[static_cast<std::size_t>(block) - 1] = -std::numeric_limits<float>::infinity();
  values.back() = std::numeric_limits<float>::quiet_NaN();
  const Tensor p(DType::f32, shape);
  const Tensor expected = Tensor::of({3}, std::vector<std::int32_t>{2, 0, 1});
  EXPECT_EQ(run_native(SgdUpdate{}, {p, g, rate()})[1], expected);
  EXPECT_EQ(run_native(RmspropUpdate{}, {p, p, g, rate()})[2], expected);
  EXPECT_EQ(run_native(AdagradUpdate{}, {p, p, g, rate()})[2], expected);
  EXPECT_EQ(run_native(AdagradUpdate{1e-10, 0.1}, {p, p, g, rate()})[2], expected);
}

// Sums of positive numbers in double: each of count additions rounds once at most.
TEST_P(NativeUpdateRules, SquaredNormIsTheSumInDouble) {
  const Tensor x = normal(shape_);
  const double exact = run_reference(SquaredNorm{}, {x})[0].values<double>()[0];
  const double native = run_native(SquaredNorm{}, {x})[0].values<double>()[0];
  const auto count = static_cast<double>(shape_.elements());
  EXPECT_NEAR(native, exact, 2 * count * 0x1p-53 * exact);
  Tensor bad = x;
  bad.values<float>().back() = std::numeric_limits<float>::infinity();
  EXPECT_EQ(run_native(SquaredNorm{}, {bad})[0].values<double>()[0],
            std::numeric_limits<double>::infinity());
  bad.values<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(run_native(SquaredNorm{}, {bad})[0].values<double>()[0]));
}

TEST_P(NativeUpdateRules, ClipFactorGivesTheReferencesBytes) {
  for (const double squares : {0.0, 1e-30, 4.0, 9.0, 1e60, HUGE_VAL, std::nan("")})
    expect_reference(ClipFactor{2.5}, {constant_f64({}, squares)});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeUpdateRules, ::testing::Range(1, 7));

}  // namespace
}  // namespace evenkeel::native_test
