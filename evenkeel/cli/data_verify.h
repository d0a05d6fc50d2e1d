// SPDX-License-Identifier: Apache-2.0
// What `data verify` found, told on stdout.
#pragma once

#include "evenkeel/data/verify.h"

namespace evenkeel::cli {

void print_report(const datasets::SetReport& report);
// One object a line: "verified" for each file, "part" for each part with its images by class,
// "finding" for each, "set" at the end.
void print_report_json(const datasets::SetReport& report);

}  // namespace evenkeel::cli
