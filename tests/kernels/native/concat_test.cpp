// SPDX-License-Identifier: Apache-2.0
// Kernels that move numbers or drop them: concat, slice, zero_pad, dropout.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeConcat : public NativeKernels {
 protected:
  // Along axis `axis`, which has `extent`.
  Shape shape_with(std::size_t axis, std::int64_t extent) {
    Shape shape = shape_;
    shape[axis] = extent;
    return shape;
  }
  void expect_reference(const Op& op, const std::vector<Tensor>& inputs) {
    expect_same(run_native(op, inputs), run_reference(op, inputs));
  }
  const Shape shape_ = {between(1, 6), between(1, 7), between(1, 7), between(1, 40)};
  const std::size_t axis_ = static_cast<std::size_t>(between(0, 3));
};

TEST_P(NativeConcat, PutsPartsSideBySide) {
  std::vector<Tensor> parts;
  for (std::int64_t count = between(1, 4); count > 0; --count)
    parts.push_back(with_specials(normal(shape_with(axis_, between(1, 20)))));
  expect_reference(Concat{axis_ == 3 ? -1 : static_cast<std::int64_t>(axis_)}, parts);
}

TEST_P(NativeConcat, CutsAndPads) {
  const std::int64_t extent = between(1, 20);
  const std::int64_t end = between(1, extent);
  const auto axis = static_cast<std::int64_t>(axis_);
  const Tensor x = with_specials(normal(shape_with(axis_, extent)));
  expect_reference(Slice{axis, between(0, end - 1), end}, {x});
  expect_reference(ZeroPad{axis, between(0, 5), between(0, 5)}, {x});
}

TEST_P(NativeConcat, LeavesOtherDTypesToOthers) {
  const Call call = call_of(Concat{}, {Tensor(DType::f64, {2, 3}), Tensor(DType::f64, {2, 1})});
  EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
}

// Samples that begin and end anywhere in a block of elements, or fill several.
TEST_P(NativeConcat, DropoutDropsWhatTheReferenceDrops) {
  for (const std::int64_t each : {between(1, 9), between(100, 900), between(16000, 40000)}) {
    const std::int64_t N = between(1, 100000 / each);
    Tensor samples(DType::i64, {std::min<std::int64_t>(N, 300)});
    for (std::int64_t& sample : samples.values<std::int64_t>()) sample = between(0, 60000);
    const Tensor x = with_specials(normal({samples.shape[0], each}));
    const auto number = [&] { return Tensor::of({}, std::vector{between(0, 1 << 30)}); };
    const DropoutApply op = {0.1 * static_cast<double>(between(0, 9)), between(0, 1 << 30)};
    expect_reference(op, {x, number(), number(), samples});
  }
}

// Counters that wrap around, and rates at both ends.
TEST_P(NativeConcat, DropoutTakesAnyNumbers) {
  const Tensor x = normal({2, between(200, 300)});
  const auto number = [](std::int64_t value) { return Tensor::of({}, std::vector{value}); };
  const Tensor samples = Tensor::of({2}, std::vector<std::int64_t>{-1, std::int64_t{1} << 40});
  for (const double rate : {0.0, 1e-12, 0.5, 1 - 1e-9, 1 - 1e-12})
    expect_reference(DropoutApply{rate, 0xFFFFFFFF},
                     {x, number(INT64_MIN + between(0, 9)), number(INT64_MAX), samples});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeConcat, ::testing::Range(1, 11));

}  // namespace
}  // namespace evenkeel::native_test
