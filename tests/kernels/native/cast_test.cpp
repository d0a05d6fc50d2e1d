// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeCast : public NativeKernels {};

TEST_P(NativeCast, GivesTheReferencesBytes) {
  const Tensor x = with_specials(normal({between(1, 40000)}));
  const auto narrow = run_native(Cast{DType::bf16}, {x});
  expect_same(narrow, run_reference(Cast{DType::bf16}, {x}));
  expect_same(run_native(Cast{}, narrow), run_reference(Cast{}, narrow));
}

TEST_P(NativeCast, LeavesDoublesToTheReference) {
  const Call call = call_of(Cast{DType::bf16}, {constant_f64({3}, 1)});
  EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
  EXPECT_THROW(entry_for(native_kernels(), call_of(Cast{DType::f64}, {normal({3})})),
               RuntimeFailure);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeCast, ::testing::Range(1, 7));

}  // namespace
}  // namespace evenkeel::native_test
