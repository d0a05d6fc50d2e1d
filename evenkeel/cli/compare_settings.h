// SPDX-License-Identifier: Apache-2.0
// What was typed of a comparison, as its plan.
#pragma once

#include "evenkeel/cli/arguments.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::cli {

// The command that makes one run of a comparison; not in --help.
inline constexpr const char kCompareRun[] = "compare-run";

// The preset's or the defaults, with what was typed; steps are 0 where they are to be counted in
// epochs. InvalidArgument for what makes no sense.
compare::Study study_of(const CompareArguments& arguments);
// Counts epochs of `data` as steps. InvalidArgument where it has less than a batch.
void set_steps(const CompareArguments& arguments, const Dataset& data, compare::Study& study);

}  // namespace evenkeel::cli
