// SPDX-License-Identifier: Apache-2.0
// Makes the runs of a folder that are not there yet, each a process of this program.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "evenkeel/study/compare/folder.h"

namespace evenkeel::compare {

// How far all runs are.
struct StudyProgress {
  std::int64_t finished = 0;  // runs
  std::int64_t runs = 0;
  std::int64_t steps_done = 0;  // in runs of this command, those under way as they last told
  std::int64_t steps = 0;       // that it has to do
};

struct ScheduleOptions {
  int jobs = 1;
  // The words that make one run in a process of this program: "<command> FOLDER RUN".
  std::function<std::vector<std::string>(const Run&)> words;
  std::function<bool()> stop = {};  // asked about ten times a second
  std::function<void(const StudyProgress&)> on_progress = {};
  std::function<void(const Run&, const RunRecord&)> on_finished = {};
};

// False where `stop` ended it: finished runs stay. RuntimeFailure with what it printed where a run
// fails; the others under way are ended then.
bool make_runs(const StudyFolder& folder, const ScheduleOptions& options);

}  // namespace evenkeel::compare
