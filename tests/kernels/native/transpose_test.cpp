// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeTranspose : public NativeKernels {};

TEST_P(NativeTranspose, MovesWhatTheReferenceMoves) {
  for (int repeat = 0; repeat < 10; ++repeat) {
    std::vector<std::int64_t> dims(static_cast<std::size_t>(between(1, 6)));
    for (std::int64_t& dim : dims) dim = between(1, 9);
    std::vector<std::int64_t> axes(dims.size());
    std::iota(axes.begin(), axes.end(), 0);
    std::shuffle(axes.begin() + 1, axes.end(), random_);
    const Tensor x = with_specials(normal(Shape(dims)));
    SCOPED_TRACE(to_string(x.shape));
    expect_same(run_native(Transpose{axes}, {x}), run_reference(Transpose{axes}, {x}));
  }
}

TEST_P(NativeTranspose, LeavesOtherDTypesToOthers) {
  const Call call = call_of(Transpose{{0, 1}}, {Tensor(DType::f64, {2, 3})});
  EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeTranspose, ::testing::Range(1, 11));

}  // namespace
}  // namespace evenkeel::native_test
