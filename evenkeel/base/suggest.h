// SPDX-License-Identifier: Apache-2.0
// The nearest known name to a misspelt one, for error texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel {

// "; did you mean 'mnist-cnn'?" for a near miss (at most 2 edits, or 1/3 of its length), else "".
EVENKEEL_API std::string did_you_mean(std::string_view given,
                                      const std::vector<std::string>& known);

}  // namespace evenkeel
