// SPDX-License-Identifier: Apache-2.0
// Holding tensors against each other.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "evenkeel/base/tensor.h"

namespace evenkeel::test {

// The elements of a tensor of any dtype but bf16.
std::vector<double> to_doubles(const Tensor& tensor);

// One dtype, one shape, and for each element |actual - expected| <= tolerance max(|expected|,
// floor). NaN is close to NaN and an infinity to itself. A failure names the worst element.
testing::AssertionResult close(const Tensor& actual, const Tensor& expected, double tolerance,
                               double floor = 0);
// The same for values written down in the test; shape and dtype are not looked at.
testing::AssertionResult close(const Tensor& actual, const std::vector<double>& expected,
                               double tolerance = 0, double floor = 0);

}  // namespace evenkeel::test
