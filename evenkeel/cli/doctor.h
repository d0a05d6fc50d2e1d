// SPDX-License-Identifier: Apache-2.0
// Findings as the commands print them.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/study/doctor.h"

namespace evenkeel::cli {

// As text with its totals below, or as JSON: one object a finding, then {"event":"examined",...}.
void print_findings(std::ostream& out, const std::string& title,
                    const std::vector<Finding>& findings, bool json);

// Whether one of them is as serious as --fail-on says: "warn" or "error"; without it, none.
bool fails(const std::vector<Finding>& findings, const std::optional<std::string>& fail_on);
// InvalidArgument for any other word.
void require_fail_on(const std::optional<std::string>& fail_on);

}  // namespace evenkeel::cli
