// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"

#include <utility>

namespace evenkeel {

Error::Error(std::string where, const std::string& what_to_know)
    : std::runtime_error("[" + where + "] " + what_to_know), where_(std::move(where)) {}

// Out of line, so that one copy of each type's information exists across shared libraries.
Error::~Error() = default;
InvalidArgument::~InvalidArgument() = default;
DataError::~DataError() = default;
RuntimeFailure::~RuntimeFailure() = default;
UntrainedStatistics::~UntrainedStatistics() = default;

}  // namespace evenkeel
