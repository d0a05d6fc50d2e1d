// SPDX-License-Identifier: Apache-2.0
// Patterns of names.
#pragma once

#include <string_view>

namespace evenkeel {

// True where `text` is the pattern, with '*' for any characters (none too) and '?' for any one.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace evenkeel
