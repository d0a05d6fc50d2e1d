// SPDX-License-Identifier: Apache-2.0
// Findings as people read them, and as JSON.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/study/doctor.h"

namespace evenkeel {

// Grouped by id, wrapped at `width` columns; "" for none.
std::string to_text(const std::vector<Finding>& findings, std::size_t width = 100);
// "1 error, 2 warnings", "nothing found".
std::string totals_text(const std::vector<Finding>& findings);
// {"event":"finding",...} on one line; a number that is not finite is null.
std::string to_json(const Finding& finding);

}  // namespace evenkeel
