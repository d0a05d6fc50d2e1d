// SPDX-License-Identifier: Apache-2.0
// Runs beside each other, as tables and as JSON text.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/study/run_list.h"

namespace evenkeel {

// A line for each run, in their order; what is wrong with damaged ones behind the table.
std::string runs_table(const std::vector<ListedRun>& runs);
// One object on one line; what is not known is null.
std::string to_json(const ListedRun& run);

// Settings that are not the same in all of them, and what they came to: a column for each run.
std::string comparison_table(const std::vector<ListedRun>& runs);
// The same as one object on one line.
std::string comparison_json(const std::vector<ListedRun>& runs);

}  // namespace evenkeel
