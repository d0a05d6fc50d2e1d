// SPDX-License-Identifier: Apache-2.0
// Findings as the commands print them.
#pragma once

#include <iosfwd>
#include <vector>

#include "evenkeel/study/doctor.h"

namespace evenkeel::cli {

// As text with its totals below, or as JSON: one object a finding, then {"event":"examined",...}.
void print_findings(std::ostream& out, const std::string& title,
                    const std::vector<Finding>& findings, bool json);

}  // namespace evenkeel::cli
