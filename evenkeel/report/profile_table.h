// SPDX-License-Identifier: Apache-2.0
// Where the time of a run went, by phase and step.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/runtime/profiler.h"

namespace evenkeel {

// A line of the table. Phases add up to the run; a phase's steps share its time by the clock in
// proportion to what its workers spent on each.
struct ProfileRow {
  std::size_t phase = 0;  // from 1
  std::string kind;
  std::string step;  // empty: the phase has none (a guard)
  std::string kernel;
  double milliseconds = 0;  // of one run
  double percent = 0;
  double gflops = 0;  // per second; 0 where nothing is counted
};

std::vector<ProfileRow> profile_rows(const Profile& profile);
std::string to_text(const Profile& profile);

}  // namespace evenkeel
