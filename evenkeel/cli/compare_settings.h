// SPDX-License-Identifier: Apache-2.0
// What was typed of a comparison, as its plan.
#pragma once

#include "evenkeel/cli/arguments.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::cli {

// The command that makes one run of a comparison; not in --help.
inline constexpr const char kCompareRun[] = "compare-run";

// The preset's or the defaults, with what was typed. InvalidArgument for what makes no sense.
compare::Study study_of(const CompareArguments& arguments);

}  // namespace evenkeel::cli
