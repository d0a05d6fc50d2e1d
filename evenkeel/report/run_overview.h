// SPDX-License-Identifier: Apache-2.0
// Many runs beside each other: results, settings that differ, curves of all in one chart.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/report/run_sections.h"

namespace evenkeel {

// Charts have html::kStyles lines at most: with more runs, those with the best validation (else
// test) accuracy.
std::string overview_section(const std::vector<ReportedRun>& runs, const RunDetail& detail);

}  // namespace evenkeel
