// SPDX-License-Identifier: Apache-2.0
// The report of one or many training runs: a page of one file, and the same numbers as JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/study/recorded_run.h"
#include "evenkeel/study/run_look.h"

namespace evenkeel {

struct ReportedRun {
  RecordedRun record;
  std::optional<RunLook> look;  // empty: it has no checkpoint that can be read
};

// Pages begin their body with this, so that an older report can be told from another file.
inline constexpr const char* kRunPageMark = "<!-- evenkeel report -->";
inline constexpr std::size_t kLargestRunPage = 2'000'000;  // bytes

// HTML without any reference outside of itself, below kLargestRunPage: where there are many runs,
// each is told in less detail.
std::string run_page(const std::vector<ReportedRun>& runs);

// {"runs":[...]}: settings, outcome, metrics, findings, confusion, mistakes, filters, profile of
// each; "page" is where the page was written. A number that is not finite is null.
std::string run_json(const std::vector<ReportedRun>& runs, const std::string& page);

}  // namespace evenkeel
