// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/instruction_set.h"

#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/kernels/table.h"

namespace evenkeel::test {
namespace {

// oneDNN keeps what it began with: the choice is refused as a whole.
TEST(OneDnnInstructionSet, CannotChangeOnceItHasBegun) {
  const std::string before = instruction_set();
  if (before == "portable") GTEST_SKIP() << "oneDNN may have as little";
  const Call call{
      MatMul{}, {{DType::f32, {4, 5}}, {DType::f32, {5, 6}}}, {{DType::f32, {4, 6}}}, 1};
  choose_kernel(call, KernelPreference::onednn, true).make(call);
  EXPECT_THROW(use_instruction_set("portable"), RuntimeFailure);
  EXPECT_EQ(instruction_set(), before);
  use_instruction_set("auto");
  EXPECT_EQ(instruction_set(), before);
}

}  // namespace
}  // namespace evenkeel::test
