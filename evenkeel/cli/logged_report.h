// SPDX-License-Identifier: Apache-2.0
// log.txt of a run's folder, beside what goes to the terminal.
#pragma once

#include <memory>

#include "evenkeel/cli/run_report.h"

namespace evenkeel::cli {

// `report`, with all that a text report would say, --quiet or not, in the log of the run's folder.
std::unique_ptr<RunReport> with_log(std::unique_ptr<RunReport> report, const Recipe& settings);

}  // namespace evenkeel::cli
