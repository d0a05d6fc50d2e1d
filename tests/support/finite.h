// SPDX-License-Identifier: Apache-2.0
// Whether a tensor holds numbers only: buffers are filled with NaN before a kernel writes them.
#pragma once

#include <gtest/gtest.h>

#include "evenkeel/base/tensor.h"

namespace evenkeel::test {

// A failure names the first element that is NaN or infinite.
testing::AssertionResult finite(const Tensor& tensor);

}  // namespace evenkeel::test
