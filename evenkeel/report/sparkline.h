// SPDX-License-Identifier: Apache-2.0
// A row of numbers in one line of text: "█▇▅▃▂▁▁▂▆".
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace evenkeel {

// At most `width` characters of UTF-8, each the mean of as many values as fall on it; the smallest
// of them is "▁", the largest "█". What is not finite is a space.
std::string sparkline(const std::vector<double>& values, std::size_t width);

}  // namespace evenkeel
