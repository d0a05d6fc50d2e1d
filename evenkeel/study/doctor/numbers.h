// SPDX-License-Identifier: Apache-2.0
// Numbers of tensors, and how findings tell them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/base/tensor.h"

namespace evenkeel::doctor {

using Numbers = std::vector<double>;

// Empty for u8 and bool, which hold no weights.
Numbers numbers_of(const Tensor& tensor);

// A count that a file states as a tensor of one element; empty where it is none.
std::optional<std::int64_t> count_of(const Numbers& numbers);

// The value below which a fraction q of the values lies, to the nearest of them; NaNs do not count.
double quantile(Numbers values, double q);
// How many of the values are below the limit, of all: 0 for none.
double share_below(const Numbers& values, double limit);
double norm(const Numbers& values);

// "77 %", "2.3 %", "0.04 %".
std::string percent(double share);
// "0.0012", "1.2e-7", "3,136": three digits, or whole numbers with commas.
std::string text(double number);
std::string text(std::int64_t count);
// "1 channel", "3,136 channels".
std::string counted(std::int64_t count, const std::string& what);

}  // namespace evenkeel::doctor
