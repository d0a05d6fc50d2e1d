// SPDX-License-Identifier: Apache-2.0
// What the classes of the known data sets are called.
#pragma once

#include <span>
#include <string_view>

#include "evenkeel/base/export.h"

namespace evenkeel::datasets {

// In the order of the labels; empty for a set that is not known and for mnist, whose classes are
// their numbers.
EVENKEEL_API std::span<const std::string_view> class_names(std::string_view data_set);

}  // namespace evenkeel::datasets
